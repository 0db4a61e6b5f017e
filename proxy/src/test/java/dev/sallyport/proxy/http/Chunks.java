package dev.sallyport.proxy.http;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** RFC 9112 section 7.1 read naively, from the whole text: what the scanner of chunks is compared with. {@code end}: the octet after the body. */
record Chunks(String payload, List<String> trailers, int end) {
    static final Chunks NONE = new Chunks("", List.of(), 0);

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern SIZE =
            Pattern.compile("([0-9a-fA-F]{1,15})(?:;" + TOKEN + "(?:=" + TOKEN + ")?)*\r\n");
    private static final Pattern TRAILER = Pattern.compile("(" + TOKEN + ":[\t\\x20-\\x7e\\x80-\\xff]*)\r\n");

    /** Fails at whatever is no chunk, and where the body is not whole. */
    static Chunks decode(String text) {
        StringBuilder payload = new StringBuilder();
        Matcher line = SIZE.matcher(text);
        int at = 0;
        while (true) {
            if (!line.region(at, text.length()).lookingAt()) {
                throw new IllegalArgumentException("no chunk size at " + at + " of " + text);
            }
            int size = Integer.parseInt(line.group(1), 16);
            at = line.end();
            if (size == 0) {
                break;
            }
            if (size > text.length() - at) {
                throw new IllegalArgumentException("cut off");
            }
            payload.append(text, at, at + size);
            at += size;
            at = lineEnd(text, at);
        }
        List<String> trailers = new ArrayList<>();
        Matcher trailer = TRAILER.matcher(text);
        while (trailer.region(at, text.length()).lookingAt()) {
            trailers.add(trailer.group(1));
            at = trailer.end();
        }
        return new Chunks(payload.toString(), trailers, lineEnd(text, at));
    }

    private static int lineEnd(String text, int at) {
        if (!text.startsWith("\r\n", at)) {
            throw new IllegalArgumentException("no CRLF at " + at + " of " + text);
        }
        return at + 2;
    }
}
