package dev.sallyport.proxy.trace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a collector wants to see beside the spans, as a key: {@code name: value} lines in a file that only its owner may read. Read again when it has changed; what is in it appears in no message. One thread. */
final class HeadersFile {
    private static final int BYTES_MAX = 16 * 1024;
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    /** Ours to say. */
    private static final Set<String> FRAMING =
            Set.of("host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection");

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
            throw new IOException(file + ": others may read it (expected: mode 0600)");
        }
        if (size > BYTES_MAX) {
            throw new IOException(file + ": " + size + " bytes (expected: at most " + BYTES_MAX + ")");
        }
        List<Header> read = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            number++;
            if (!line.isBlank()) {
                read.add(header(line, number));
            }
        }
        return List.copyOf(read);
    }

    private Header header(String line, int number) throws IOException {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        String value = line.substring(colon + 1).strip();
        boolean named = !name.isEmpty()
                && name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
        if (!named || FRAMING.contains(name) || !value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
            throw new IOException(
                    file + ": line " + number + " (expected: name: value, visible ASCII, no name that frames)");
        }
        return new Header(name, value);
    }
}
