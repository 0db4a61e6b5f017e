package dev.sallyport.proxy.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What must hold of any bytes: nothing but a refusal ends a reading; it does not depend on how they are cut; what is accepted is to Netty's codec the same messages, and so is what was passed on; passing that on
 * changes nothing more. Each answers how many messages were accepted. One connection after another on the same objects.
 */
final class ParserProperties {
    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String PROVEN = "x-forwarded-client-cert: proven";
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "upgrade",
            "http2-settings");
    private static final Set<String> NEVER_NAMED =
            Set.of("host", "content-length", "transfer-encoding", "content-type", "authorization", "cookie");

    private final Relay<RequestHead> requests = Relay.ofRequests(true);
    private final Relay<RequestHead> plainRequests = Relay.ofRequests(false);
    private final Relay<RequestHead> cleanRequests = Relay.ofRequests(true, head -> {
        head.dropHopByHop();
        head.dropIdentity();
        head.set(Field.X_FORWARDED_CLIENT_CERT, "proven");
    });
    private final Relay<ResponseHead> responses = Relay.ofResponses(true);
    private final Relay<ResponseHead> plainResponses = Relay.ofResponses(false);
    private final Trailers trailers = new Trailers(Limits.standard());

    int requests(byte[] bytes) {
        Reading read = connection(requests, plainRequests, Codec::requests, bytes);
        List<Reading.Message> clean = Codec.requests(
                        Wire.bytes(cleanRequests.read(bytes).forwarded()))
                .messages();
        require(clean.size() == read.messages().size(), "cleaned, as many messages", bytes, clean, read);
        for (int i = 0; i < clean.size(); i++) {
            List<String> wanted = cleaned(read.messages().get(i).fields());
            require(clean.get(i).fields().equals(wanted), "cleaned", bytes, clean.get(i), wanted);
        }
        return read.messages().size();
    }

    int responses(byte[] bytes) {
        return connection(responses, plainResponses, Codec::responses, bytes)
                .messages()
                .size();
    }

    int chunked(byte[] bytes) {
        String text = Wire.text(bytes);
        byte[] all = Wire.bytes(CHUNKED + text);
        Reading read = connection(requests, plainRequests, Codec::requests, all);
        Reading.Message first = read.messages().getFirst();
        Chunks naive = Chunks.NONE;
        try {
            naive = Chunks.decode(text);
        } catch (IllegalArgumentException noChunks) {
            require(!first.complete(), "whole although " + noChunks.getMessage(), bytes, first, "");
            return 0;
        }
        if (!first.complete()) {
            boolean tooMany = read.refused().equals("HEAD_TOO_LARGE");
            boolean framing = read.refused().equals("FRAMING_REJECTED")
                    && naive.trailers().stream().anyMatch(ParserProperties::frames);
            require(tooMany || framing, "not whole", bytes, read, naive);
            return 0;
        }
        require(first.payload().equals(naive.payload()), "payload", bytes, first, naive);
        Chunks passed = Chunks.decode(requests.read(all).forwarded().substring(CHUNKED.length()));
        List<String> wanted =
                naive.trailers().stream().filter(ParserProperties::mayTrail).toList();
        require(
                passed.payload().equals(naive.payload()) && passed.trailers().equals(wanted),
                "passed on",
                bytes,
                passed,
                naive);
        return 1;
    }

    int trailers(byte[] bytes) {
        String text = Wire.text(bytes);
        String whole = Wire.read(trailers, List.of(text), this::encoded);
        for (byte[][] parts : cuts(bytes)) {
            String cut = Wire.read(trailers, Stream.of(parts).map(Wire::text).toList(), this::encoded);
            require(cut.equals(whole), "cut", bytes, cut, whole);
        }
        int accepted = chunked(Wire.bytes("0\r\n" + text));
        require(accepted == (whole.contains("| rest: ") ? 1 : 0), "as in a body", bytes, whole, accepted);
        return accepted;
    }

    private String encoded(Trailers section) {
        return Wire.text(section.encode(Relay.ALLOCATOR));
    }

    private static Reading connection(Relay<?> framed, Relay<?> plain, Function<byte[], Reading> codec, byte[] bytes) {
        Reading read = plain.read(bytes);
        Reading passed = framed.read(bytes);
        require(
                heads(read).equals(heads(passed)) && read.refused().equals(passed.refused()),
                "framed or not",
                bytes,
                passed,
                read);
        for (byte[][] parts : cuts(bytes)) {
            Reading cut = framed.read(parts);
            boolean same = read.refused().isEmpty()
                    ? cut.equals(passed)
                    : cut.refused().equals(passed.refused())
                            && heads(cut).equals(heads(passed))
                            && alike(cut.forwarded(), passed.forwarded());
            require(same, "cut at " + parts[0].length, bytes, cut, passed);
        }
        agree("as it came", read, codec.apply(bytes), bytes);
        byte[] forwarded = Wire.bytes(passed.forwarded());
        if (Arrays.equals(forwarded, bytes)) {
            return read; // Its third reading would say nothing new.
        }
        agree("as passed on", read, codec.apply(forwarded), bytes);
        Reading again = framed.read(forwarded);
        require(
                again.refused().isEmpty() && again.forwarded().equals(passed.forwarded()),
                "passed on twice",
                bytes,
                again,
                passed);
        return read;
    }

    /** Whoever reads the bytes as the codec does sees the messages that the scanner saw, and where it waits for more, waits too. */
    private static void agree(String which, Reading ours, Reading codec, byte[] bytes) {
        boolean refused = !ours.refused().isEmpty();
        boolean switched =
                ours.messages().stream().anyMatch(message -> message.line().endsWith(" 101"));
        int count = ours.messages().size();
        require(
                refused || switched || codec.messages().size() == count,
                which + ": as many messages",
                bytes,
                codec,
                ours);
        for (int i = 0; i < count; i++) {
            require(i < codec.messages().size(), which + ": a message fewer", bytes, codec, ours);
            Reading.Message one = ours.messages().get(i);
            Reading.Message other = codec.messages().get(i);
            require(version11(one.line()).equals(version11(other.line())), which + ": line", bytes, other, one);
            require(seen(one).equals(other.fields()), which + ": fields", bytes, other, one);
            if (one.line().endsWith(" 101")) {
                return; // What follows is another protocol.
            }
            boolean last = refused && i == count - 1 && !one.complete();
            require(
                    last ? alike(one.payload(), other.payload()) : one.payload().equals(other.payload()),
                    which + ": payload",
                    bytes,
                    other,
                    one);
            require(last || one.complete() == other.complete(), which + ": end", bytes, other, one);
        }
    }

    /** The codec takes Transfer-Encoding from a 304, which may have one for what a 200 would have had (RFC 9112 section 6.1). */
    private static List<String> seen(Reading.Message message) {
        return message.line().endsWith(" 304")
                ? message.fields().stream()
                        .filter(field -> !folded(field).equals("transfer-encoding"))
                        .toList()
                : message.fields();
    }

    private static String version11(String line) {
        return line.endsWith(" HTTP/1.0") ? line.substring(0, line.length() - 1) + '1' : line;
    }

    private static List<String> heads(Reading reading) {
        return reading.messages().stream().map(m -> m.line() + m.complete()).toList();
    }

    private static boolean alike(String one, String other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    /** In two, at a place that the bytes choose, and one by one for some. */
    private static List<byte[][]> cuts(byte[] bytes) {
        int hash = Arrays.hashCode(bytes) >>> 1;
        int at = bytes.length == 0 ? 0 : hash % bytes.length;
        List<byte[][]> cuts = new ArrayList<>();
        cuts.add(new byte[][] {Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at, bytes.length)});
        if (hash % 16 == 0) {
            byte[][] single = new byte[bytes.length][];
            for (int i = 0; i < bytes.length; i++) {
                single[i] = new byte[] {bytes[i]};
            }
            if (single.length > 0) {
                cuts.add(single);
            }
        }
        return cuts;
    }

    // ---- hygiene, naively ----

    private static List<String> cleaned(List<String> fields) {
        List<String> named = fields.stream()
                .filter(field -> folded(field).equals("connection"))
                .flatMap(field ->
                        Stream.of(field.substring(field.indexOf(':') + 1).split(",", -1)))
                .map(name -> name.replaceAll("^[ \t]+|[ \t]+$", ""))
                .filter(name -> !name.equalsIgnoreCase("close") && !name.equalsIgnoreCase("keep-alive"))
                .map(ParserProperties::foldedName)
                .filter(name -> !NEVER_NAMED.contains(name))
                .toList();
        List<String> left = new ArrayList<>();
        for (String field : fields) {
            String name = folded(field);
            if (!HOP_BY_HOP.contains(name) && !identifies(name) && !named.contains(name)) {
                left.add(field);
            }
        }
        left.add(PROVEN);
        return left;
    }

    private static boolean identifies(String name) {
        String letters = letters(name);
        return letters.startsWith("xsallyport") || letters.equals("txntoken") || letters.equals("xforwardedclientcert");
    }

    private static boolean frames(String trailer) {
        return Set.of("contentlength", "transferencoding").contains(letters(folded(trailer)));
    }

    private static boolean mayTrail(String trailer) {
        String name = folded(trailer);
        return !HOP_BY_HOP.contains(name)
                && !identifies(name)
                && !NEVER_NAMED.contains(name)
                && !Set.of("set-cookie", "expect", "x-request-id", "traceparent", "tracestate")
                        .contains(name)
                && !dev.sallyport.policy.CanonicalRequest.overrides(name);
    }

    private static String folded(String field) {
        return foldedName(field.substring(0, field.indexOf(':')));
    }

    private static String foldedName(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[!#$%&'*+.^_`|~]", "-");
    }

    private static String letters(String name) {
        return name.matches("[a-z].*") ? name.replaceAll("[^a-z0-9]", "") : name;
    }

    private static void require(boolean holds, String what, byte[] bytes, Object found, Object wanted) {
        if (!holds) {
            throw new AssertionError("%s: %s%n  found:  %s%n  wanted: %s"
                    .formatted(what, shown(Wire.text(bytes)), shown("" + found), shown("" + wanted)));
        }
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.chars().forEach(c -> {
            if (c == '\r') {
                shown.append("\\r");
            } else if (c == '\n') {
                shown.append("\\n");
            } else if (c < 0x20 || c > 0x7e) {
                shown.append("\\u%04x".formatted(c));
            } else {
                shown.append((char) c);
            }
        });
        return shown.toString();
    }
}
