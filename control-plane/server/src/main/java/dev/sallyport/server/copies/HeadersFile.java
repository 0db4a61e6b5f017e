package dev.sallyport.server.copies;

import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Headers for a sink, as its tokens: a file that only its owner may read, a line {@code name: value} each, {@code #} begins a comment. Read anew for each request, so that a rotated
 * token needs no restart. No message shows a value. The same format as that of the sidecar's {@code traces.headersFile}.
 */
record HeadersFile(Path file) {
    private static final int BYTES_MAX = 16 * 1024;
    private static final int HEADERS_MAX = 32;
    /** RFC 9110 section 5: a token, and what can be seen. */
    private static final Pattern LINE =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}):[ \t]*([ -~]*[!-~])[ \t]*");
    /** They say how the message is read; another word for them would be another message (RFC 9112 section 6.3). */
    private static final Set<String> OURS = Set.of(
            "host",
            "content-length",
            "content-type",
            "content-encoding",
            "transfer-encoding",
            "connection",
            "expect",
            "te",
            "upgrade");

    /** Names in lower case. IOException: why it cannot be used. */
    Map<String, String> read() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("headersFile: " + file + ": no such file");
        }
        if (PrivateFiles.openToOthers(file)) {
            throw new IOException("headersFile: " + file + " is open to group or others (expected: mode 0600)");
        }
        byte[] bytes;
        try (InputStream input = Files.newInputStream(file)) {
            bytes = input.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX) {
            throw new IOException("headersFile: " + file + ": too large (expected: at most " + BYTES_MAX + " bytes)");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        int number = 0;
        for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\r?\n", -1)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                add(line, number, headers);
            }
        }
        return headers;
    }

    private void add(String line, int number, Map<String, String> headers) throws IOException {
        Matcher matcher = LINE.matcher(line);
        String name = matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
        if (name.isEmpty() || OURS.contains(name) || headers.size() == HEADERS_MAX) {
            throw new IOException("headersFile: " + file + ":" + number + " (expected: name: value in ASCII, at most "
                    + HEADERS_MAX + ", none of "
                    + String.join(" ", OURS.stream().sorted().toList()) + ")");
        }
        if (headers.put(name, matcher.group(2)) != null) {
            throw new IOException(
                    "headersFile: " + file + ":" + number + ": " + name + " a second time (expected: once)");
        }
    }
}
