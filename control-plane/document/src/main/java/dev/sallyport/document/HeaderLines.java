package dev.sallyport.document;

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
 * The content of a {@code headersFile}, of which there is one form: a line {@code name: value} each, {@code #} begins a comment. The values are keys: no message shows one, and who may
 * read the file is for the caller to ask first. Blocking.
 */
public final class HeaderLines {
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

    private final Path file;
    private final Map<String, String> headers = new LinkedHashMap<>();

    private HeaderLines(Path file) {
        this.file = file;
    }

    /** Values by their names in lower case, in the file's order. IOException: why it cannot be used, with the line. */
    public static Map<String, String> read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream input = Files.newInputStream(file)) {
            bytes = input.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX) {
            throw new IOException("headersFile: " + file + ": too large (expected: at most " + BYTES_MAX + " bytes)");
        }
        HeaderLines lines = new HeaderLines(file);
        int number = 0;
        for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\r?\n", -1)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                lines.add(line, number);
            }
        }
        return lines.headers;
    }

    private void add(String line, int number) throws IOException {
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
