package dev.sallyport.server.copies;

import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.Targets;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A sink behind HTTP: sends a batch as one request, and sorts what can be answered. What the answer's body means is the format's affair. */
final class WebSink implements Sink {
    /** One protocol of copying. */
    interface Format {
        /** What stands behind the configured address. */
        String path();

        String contentType();

        byte[] request(List<ExportRecord> batch);

        /** Of an answer of the class 2xx. IOException: it is none of this protocol's. */
        Outcome taken(List<ExportRecord> batch, byte[] body) throws IOException;

        /** Of a 400 or 422: nothing of the batch may have arrived. {@code why}: the answer in short. */
        default Outcome refused(List<ExportRecord> batch, String why, byte[] body) {
            return new Outcome.Split(why);
        }
    }

    /** What it takes to send a request and get its answer. */
    @FunctionalInterface
    interface Transport {
        Fetch.Reply send(Targets targets, Fetch.Message message) throws IOException, InterruptedException;
    }

    private static final int WHY_CHARS_MAX = 200;

    private final Targets targets;
    private final Optional<HeadersFile> headers;
    private final Format format;
    private final Transport transport;
    private final Clock clock;

    WebSink(CopySettings.Web place, Format format, Transport transport, Clock clock) {
        this.targets = new Targets(address(place.url(), format.path()), place.privateAddresses());
        this.headers = place.headersFile().map(HeadersFile::new);
        this.format = format;
        this.transport = transport;
        this.clock = clock;
    }

    /** Whoever writes the whole address means the same. */
    private static URI address(URI url, String path) {
        String base = url.toString().replaceAll("/+$", "");
        String bare = path.split("\\?", 2)[0];
        return URI.create((base.endsWith(bare) ? base.substring(0, base.length() - bare.length()) : base) + path);
    }

    @Override
    public Outcome deliver(List<ExportRecord> batch) throws IOException, InterruptedException {
        Map<String, String> secrets = headers.isPresent() ? headers.get().read() : Map.of();
        Fetch.Reply reply =
                transport.send(targets, new Fetch.Message(format.contentType(), format.request(batch), secrets));
        int status = reply.status();
        byte[] body = new Secrets(secrets.values()).hidden(reply.body());
        if (status >= 200 && status < 300) {
            return format.taken(batch, body);
        }
        String why = "status " + status + fix(status) + said(body);
        return switch (status) {
            case 413 -> new Outcome.Split(why);
            case 400, 422 -> format.refused(batch, why, body);
            // Everything else is about the sink, its address or our rights, not about these records: they wait.
            default -> new Outcome.Again(batch, List.of(), wait(reply), why);
        };
    }

    /** What ends a wait that does not end by itself. */
    private String fix(int status) {
        String file = headers.map(of -> "the token in headersFile " + of.file())
                .orElse("configure headersFile with a token (now: none)");
        return switch (status) {
            case 401, 407 -> waits("it does not know us", headers.isPresent() ? "renew " + file : file);
            case 403 -> waits("it lets us not write", headers.isPresent() ? "give " + file + " the right" : file);
            case 404, 405, 410 ->
                waits("nothing takes records there", "correct url: it is asked at " + targets.written());
            case 301, 302, 303, 307, 308 ->
                waits("it is somewhere else", "correct url: redirects of " + targets.written() + " are not followed");
            default -> "";
        };
    }

    private static String waits(String what, String fix) {
        return " (" + what + "; records wait until this is mended: " + fix + ")";
    }

    /** RFC 9110 section 10.2.3: seconds or a date. */
    private Optional<Duration> wait(Fetch.Reply reply) {
        return reply.retryAfter().flatMap(text -> {
            try {
                return Optional.of(
                        text.matches("[0-9]{1,9}")
                                ? Duration.ofSeconds(Long.parseLong(text))
                                : Duration.between(
                                        clock.instant(),
                                        Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text))));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        });
    }

    /** The beginning of what the sink says, fit for a line of the log: it is a stranger's text. */
    static String said(byte[] body) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < body.length && text.length() < WHY_CHARS_MAX; i++) {
            boolean plain = body[i] >= ' ' && body[i] <= '~';
            if (plain || !text.isEmpty() && text.charAt(text.length() - 1) != ' ') {
                text.append(plain ? (char) body[i] : ' ');
            }
        }
        return text.isEmpty() ? "" : ": " + text.toString().strip();
    }
}
