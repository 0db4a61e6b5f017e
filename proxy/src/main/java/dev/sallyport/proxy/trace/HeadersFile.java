package dev.sallyport.proxy.trace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a collector wants to see beside the spans, as a key: a file that only its owner may read, a line {@code name: value} each, {@code #} begins a comment; the same format as that of the control plane's copies. Read again when it has changed; what is in it appears in no message. One thread. */
final class HeadersFile {
    private static final int BYTES_MAX = 16 * 1024;
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
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

    /** Not a record: nobody prints it. */
    static final class Header {
        private final String name;
        private final String value;

        private Header(String name, String value) {
            this.name = name;
            this.value = value;
        }

        String name() {
            return name;
        }

        String value() {
            return value;
        }
    }

    private final Path file;
    private @Nullable FileTime readAsOf;
    private long sizeAsOf;
    private List<Header> headers = List.of();

    HeadersFile(Path file) {
        this.file = file;
    }

    /** As they stand in the file now. IOException: why none are to be had. */
    List<Header> current() throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        if (!modified.equals(readAsOf) || size != sizeAsOf) {
            headers = read(size);
            readAsOf = modified;
            sizeAsOf = size;
        }
        return headers;
    }

    private List<Header> read(long size) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (!OWNER.containsAll(permissions)) {
            throw new IOException("headersFile: " + file + " is open to group or others (expected: mode 0600)");
        }
        if (size > BYTES_MAX) {
            throw new IOException("headersFile: " + file + ": too large (expected: at most " + BYTES_MAX + " bytes)");
        }
        Map<String, Header> read = new LinkedHashMap<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            number++;
            if (!line.isBlank() && !line.startsWith("#")) {
                add(line, number, read);
            }
        }
        return List.copyOf(read.values());
    }

    private void add(String line, int number, Map<String, Header> read) throws IOException {
        Matcher matcher = LINE.matcher(line);
        String name = matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
        if (name.isEmpty() || OURS.contains(name) || read.size() == HEADERS_MAX) {
            throw new IOException("headersFile: " + file + ":" + number + " (expected: name: value in ASCII, at most "
                    + HEADERS_MAX + ", none of "
                    + String.join(" ", OURS.stream().sorted().toList()) + ")");
        }
        if (read.put(name, new Header(name, matcher.group(2))) != null) {
            throw new IOException(
                    "headersFile: " + file + ":" + number + ": " + name + " a second time (expected: once)");
        }
    }
}
