package dev.sallyport.proxy.access;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines, mode 0600 where it is made here: full, it becomes {@code FILE.1}, that one {@code FILE.2} and so on, by renames only, so that whoever reads one reads it to its end. Moved away by somebody else
 * (logrotate), it is begun anew. It is never truncated, and no symbolic link is followed: whoever can write into the folder must not choose what the sidecar writes to.
 */
final class RotatedFile implements LineSink {
    private final Path file;
    private final long bytesMax;
    private final int files;
    private @Nullable FileChannel channel;
    private @Nullable Object opened;

    /** {@code files}: how many of {@code bytesMax} there are at most, the one under way among them. IOException: it cannot be written, and why. */
    RotatedFile(Path file, long bytesMax, int files) throws IOException {
        this.file = file.toAbsolutePath();
        this.bytesMax = bytesMax;
        this.files = files;
        open();
    }

    @Override
    public void ready(int bytes) throws IOException {
        if (channel != null && !Objects.equals(key(), opened)) {
            close();
        }
        if (channel == null) {
            open();
        }
        FileChannel current = channel;
        // Each time, also of a file that was just opened: where a full one cannot be moved away, it must not grow by a
        // batch at each attempt.
        if (current != null && current.size() > 0 && current.size() + bytes > bytesMax) {
            close();
            rotate();
            open();
        }
    }

    @Override
    public void write(ByteBuffer lines) throws IOException {
        FileChannel current = channel;
        if (current == null) {
            throw new IOException(file + ": not open");
        }
        current.write(lines);
    }

    private void open() throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(file + ": not a regular file (expected: a file, or a name that is free)");
        }
        FileChannel next = FileChannel.open(
                file,
                Set.of(CREATE, WRITE, APPEND, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        channel = next;
        opened = key();
        if (next.size() > 0 && !endsWithLine(next.size())) {
            next.write(ByteBuffer.wrap(new byte[] {'\n'})); // Of a process that was killed: the next line stands alone.
        }
    }

    private boolean endsWithLine(long size) throws IOException {
        try (FileChannel reading = FileChannel.open(file, READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return reading.read(last, size - 1) == 1 && last.get(0) == '\n';
        }
    }

    /** Device and number; null: there is none. */
    private @Nullable Object key() throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private void rotate() throws IOException {
        for (int number = files - 1; number > 1; number--) {
            if (Files.exists(numbered(number - 1))) {
                Files.move(numbered(number - 1), numbered(number), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        Files.move(file, numbered(1), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    @Override
    public void close() throws IOException {
        FileChannel current = channel;
        channel = null;
        if (current != null) {
            current.close();
        }
    }
}
