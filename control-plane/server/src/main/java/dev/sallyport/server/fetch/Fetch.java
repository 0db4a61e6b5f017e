package dev.sallyport.server.fetch;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Asks an address that a document, an answer or a redirect names. Every address is judged by {@link Targets} before it is dialled, redirects included; size,
 * time, content type and encoding are bounded. Blocks; any thread.
 */
public final class Fetch implements AutoCloseable {
    /** Of one document: a hundred times an ordinary key set. */
    public static final int BYTES_MAX = 256 * 1024;

    private static final int REDIRECTS_MAX = 3;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<String> TYPES = Set.of("application/json", "application/jwk-set+json");
    /** From the first dial to the last byte, redirects included: a server that trickles must not hold us. */
    private static final Duration WITHIN = Duration.ofSeconds(10);
    /** One dead address of several must not cost the document. */
    private static final int DIALS_MAX = 3;

    private final PinnedClient client;
    private final Resolver resolver;
    private final Duration within;

    /** {@code loops} carry the connections and outlive this. */
    public Fetch(EventLoopGroup loops) {
        this(loops, Resolver.SYSTEM, _ -> {}, WITHIN);
    }

    Fetch(EventLoopGroup loops, Resolver resolver, Consumer<SslContextBuilder> tls, Duration within) {
        this.client = new PinnedClient(loops, tls);
        this.resolver = resolver;
        this.within = within;
    }

    /** The document's bytes; IOException says what was wrong. */
    public byte[] json(String address, Targets targets) throws IOException, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        URI target = uri(address);
        for (int redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
            PinnedClient.Answer answer =
                    ask(target, targets, end, (to, at, left) -> client.get(to, at, BYTES_MAX, left));
            if (!REDIRECTS.contains(answer.status()) || answer.location().isEmpty()) {
                return document(target, answer);
            }
            URI next = target.resolve(uri(answer.location().get()));
            if ("https".equals(target.getScheme()) && !"https".equals(next.getScheme())) {
                throw new IOException(target + ": redirects to " + next + " (expected: never from https to less)");
            }
            target = next;
        }
        throw new IOException(address + ": more than " + REDIRECTS_MAX + " redirects");
    }

    /** An answer to {@link #post}, whatever its status. */
    @SuppressWarnings("ArrayRecordComponent") // parsed once by whoever asked, compared by nobody
    public record Answer(int status, byte[] body) {}

    /** Sends a text to the address that is written in {@code targets}; redirects are answers like others, never followed. IOException: no whole answer. */
    public Answer post(Targets targets, byte[] body) throws IOException, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        PinnedClient.Answer answer = ask(
                targets.written(),
                targets,
                end,
                (target, address, left) -> client.post(target, address, body, BYTES_MAX, left));
        return new Answer(answer.status(), answer.body());
    }

    /** Of an answer to {@link #send}: one that names each record of a batch. */
    public static final int REPLY_BYTES_MAX = 4 * 1024 * 1024;

    /** What {@link #send} sends. {@code headers}: of the caller's own; values may be secrets, so they are never shown. */
    @SuppressWarnings("ArrayRecordComponent") // sent once, compared by nobody
    public record Message(String contentType, byte[] body, Map<String, String> headers) {
        public Message {
            headers = Map.copyOf(headers);
        }

        @Override
        public String toString() {
            return contentType + " of " + body.length + " bytes";
        }
    }

    /** {@code retryAfter}: as the answer's field says, unparsed. */
    @SuppressWarnings("ArrayRecordComponent") // parsed once by whoever asked, compared by nobody
    public record Reply(int status, Optional<String> retryAfter, byte[] body) {}

    /** As {@link #post}, with a type and headers of the caller's and room for a longer answer. */
    public Reply send(Targets targets, Message message) throws IOException, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        PinnedClient.Answer answer = ask(
                targets.written(),
                targets,
                end,
                (target, address, left) -> client.send(target, address, message, REPLY_BYTES_MAX, left));
        return new Reply(answer.status(), answer.retryAfter(), answer.body());
    }

    private interface Dial {
        PinnedClient.Answer dial(URI target, InetAddress address, Duration left)
                throws IOException, InterruptedException;
    }

    private PinnedClient.Answer ask(URI target, Targets targets, long end, Dial dial)
            throws IOException, InterruptedException {
        List<InetAddress> addresses = targets.allowed(target, resolver);
        Optional<IOException> first = Optional.empty();
        for (InetAddress address : addresses.subList(0, Math.min(DIALS_MAX, addresses.size()))) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (!left.isPositive()) {
                break;
            }
            try {
                return dial.dial(target, address, left);
            } catch (IOException e) {
                first = first.or(() -> Optional.of(e));
            }
        }
        throw first.orElseGet(() -> new IOException(target + ": no answer within " + within.toMillis() + " ms"));
    }

    private static byte[] document(URI target, PinnedClient.Answer answer) throws IOException {
        if (answer.status() != 200) {
            throw new IOException(target + ": status " + answer.status() + " (expected: 200)");
        }
        String encoding = answer.encoding().orElse("identity");
        if (!encoding.equals("identity")) { // A few kilobytes of gzip can be gigabytes.
            throw new IOException(target + ": content-encoding: " + encoding + " (expected: none, as asked)");
        }
        String type = answer.contentType().orElse("none");
        if (!TYPES.contains(type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))) {
            throw new IOException(
                    target + ": content-type: " + type + " (expected: application/json or application/jwk-set+json)");
        }
        return answer.body();
    }

    private static URI uri(String address) throws IOException {
        try {
            return URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new IOException(address + ": no URI", e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
