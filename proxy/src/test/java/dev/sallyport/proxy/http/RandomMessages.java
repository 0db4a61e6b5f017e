package dev.sallyport.proxy.http;

import java.util.List;
import java.util.random.RandomGenerator;

/** Connections' worth of random messages: right by the grammar, and then, mostly, damaged the way a smuggler would. */
final class RandomMessages {
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "TRACE", "M-SEARCH", "get", "PRI");
    private static final List<String> TARGETS = List.of(
            "/",
            "/a/b?c=d",
            "http://a/",
            "http://a:80/x",
            "*",
            "a:443",
            "//a/..",
            "/%2e%2e",
            "/a;b",
            "/\"<>\\^`{|}",
            "/a#b");
    private static final List<String> STATUSES = List.of(
            "200 OK",
            "200 ",
            "200",
            "404 Not Found",
            "304 Not Modified",
            "204 No Content",
            "500 a  b",
            "201 \u00e9",
            "206 x",
            "599 y");
    private static final List<String> FIELDS = List.of(
            "X: y",
            "X:",
            "Accept: */*",
            "x-long: " + "v".repeat(70),
            "Cookie: a=b; c=\"d\"",
            "X-Tab:\ta\tb\t",
            "X-Obs: \u00e9\u00ff",
            "Connection: keep-alive",
            "Connection: close, x-a, te",
            "X-A: 1",
            "x_a: 2",
            "TE: trailers",
            "Trailer: X-Sum",
            "Expect: 100-continue",
            "Upgrade: h2c",
            "X_Forwarded_Client_Cert: forged",
            "x-sallyport-user: mallory",
            "Txn-Token: forged",
            "!#$%&'*+-.^_`|~: t");
    private static final List<String> FRAMES = List.of(
            "Content-Length: 0",
            "Content-Length: 3",
            "content-length:\t3 ",
            "Content-Length: 003",
            "Transfer-Encoding: chunked",
            "transfer-encoding:CHUNKED",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked, chunked",
            "Transfer-Encoding:\u000bchunked",
            "Transfer-Encoding : chunked",
            "Transfer_Encoding: chunked",
            "Content_Length: 3",
            "Content-Length: +3",
            "Content-Length: 3, 3",
            "Content-Length: 0x3",
            "Content-Length: 4294967299",
            "Content-Length: 18446744073709551619",
            "X: y\nTransfer-Encoding: chunked",
            "X: y\rContent-Length: 3",
            " Transfer-Encoding: chunked",
            "X: y\r\n Transfer-Encoding: chunked");
    private static final List<String> TOKENS = List.of(
            "\r\n\r\n",
            "\r\n",
            "\n",
            "\r",
            "\n\r",
            "\r\r\n",
            " ",
            "\t",
            "\u000b",
            "\f",
            "\u0000",
            "\u0001",
            "\u007f",
            "\u0085",
            "\u00a0",
            "\u00ff",
            ":",
            ";",
            ",",
            "\"",
            "=",
            "_",
            "-",
            "+",
            "0",
            "1",
            "0x",
            "ffffffff",
            "80000000",
            "100000000",
            "HTTP/1.1",
            "HTTP/1.0",
            "HTTP/2.0",
            " HTTP/1.1\r\n",
            "chunked",
            "GET / HTTP/1.1\r\nHost: b\r\n\r\n",
            "0\r\n\r\n",
            "Host: b\r\n",
            "a=\"b\r\n\"");

    private static final String PAYLOAD = "0\r\n\r\nGET / HTTP/1.1\r\n";

    private final RandomGenerator random;

    RandomMessages(RandomGenerator random) {
        this.random = random;
    }

    byte[] requests() {
        return several(() -> pick(METHODS) + " " + pick(TARGETS) + (random.nextInt(12) == 0 ? " HTTP/1.0" : " HTTP/1.1")
                + "\r\nHost: a\r\n");
    }

    byte[] responses() {
        return several(() -> (random.nextInt(12) == 0 ? "HTTP/1.0 " : "HTTP/1.1 ") + pick(STATUSES) + "\r\n");
    }

    byte[] chunked() {
        StringBuilder text = new StringBuilder(chunks());
        text.append(random.nextBoolean() ? "GET / HTTP/1.1\r\n" : "");
        return damaged(text);
    }

    byte[] trailers() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(pick(FIELDS)).append("\r\n");
        }
        return damaged(text.append("\r\n").append(random.nextBoolean() ? "GET / HTTP/1.1\r\n" : ""));
    }

    private byte[] several(java.util.function.Supplier<String> firstLine) {
        StringBuilder text = new StringBuilder(random.nextInt(8) == 0 ? "\r\n" : "");
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            text.append(firstLine.get());
            for (int field = random.nextInt(4); field > 0; field--) {
                text.append(pick(FIELDS)).append("\r\n");
            }
            int frame = random.nextInt(8);
            switch (frame) {
                case 0, 1 -> text.append("Content-Length: 3\r\n\r\nabc");
                case 2, 3, 4 ->
                    text.append("Transfer-Encoding: chunked\r\n\r\n").append(chunks());
                case 5 -> text.append(pick(FRAMES)).append("\r\n\r\n").append(random.nextBoolean() ? chunks() : "abc");
                default -> text.append("\r\n");
            }
        }
        return damaged(text);
    }

    private String chunks() {
        StringBuilder text = new StringBuilder();
        for (int chunk = random.nextInt(4); chunk > 0; chunk--) {
            int size = 1 + random.nextInt(PAYLOAD.length());
            text.append("0".repeat(random.nextInt(8) == 0 ? random.nextInt(16) : 0))
                    .append(
                            random.nextBoolean()
                                    ? Integer.toHexString(size)
                                    : Integer.toHexString(size).toUpperCase(java.util.Locale.ROOT))
                    .append(extension())
                    .append("\r\n")
                    .append(PAYLOAD, 0, size)
                    .append("\r\n");
        }
        text.append("0").append(extension()).append("\r\n");
        for (int trailer = random.nextInt(6) - 3; trailer > 0; trailer--) {
            text.append(pick(FIELDS)).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    private String extension() {
        return random.nextInt(5) > 0 ? "" : pick(List.of(";a", ";a=b", ";", ";;=", ";a=\"b\"", "; a", " ;a", " "));
    }

    private byte[] damaged(StringBuilder text) {
        for (int damage = random.nextInt(4); damage > 0 && !text.isEmpty(); damage--) {
            int at = place(text);
            switch (random.nextInt(9)) {
                case 0, 1 -> text.insert(at, pick(TOKENS));
                case 2 -> text.setCharAt(at, (char) random.nextInt(256));
                case 3 -> text.deleteCharAt(at);
                case 4 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(12)));
                case 5 -> text.insert(at, text.substring(at, Math.min(text.length(), at + 1 + random.nextInt(40))));
                case 6 -> text.insert(lineStart(text, at), pick(random.nextBoolean() ? FRAMES : FIELDS) + "\r\n");
                case 7 -> text.setCharAt(at, (char) (text.charAt(at) ^ 1 << random.nextInt(8)));
                default -> text.setLength(random.nextInt(4) == 0 ? at : text.length());
            }
        }
        return Wire.bytes(text.toString());
    }

    /** Anywhere, but more often where parsers decide. */
    private int place(StringBuilder text) {
        int at = random.nextInt(text.length());
        if (random.nextBoolean()) {
            for (int i = at; i < text.length(); i++) {
                if ("\r\n:; ".indexOf(text.charAt(i)) >= 0) {
                    return i;
                }
            }
        }
        return at;
    }

    private static int lineStart(StringBuilder text, int at) {
        int feed = text.indexOf("\n", at);
        return feed < 0 ? 0 : feed + 1;
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
