package dev.sallyport.proxy.trace;

import dev.sallyport.document.HeaderLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a collector wants to see beside the spans, as a key: {@link HeaderLines} that only their owner may read. Read again when the file has changed; what is in it appears in no message. One thread. */
final class HeadersFile {
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

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
            headers = read();
            readAsOf = modified;
            sizeAsOf = size;
        }
        return headers;
    }

    private List<Header> read() throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (!OWNER.containsAll(permissions)) {
            throw new IOException("headersFile: " + file + " is open to group or others (expected: mode 0600)");
        }
        List<Header> read = new ArrayList<>();
        HeaderLines.read(file).forEach((name, value) -> read.add(new Header(name, value)));
        return List.copyOf(read);
    }
}
