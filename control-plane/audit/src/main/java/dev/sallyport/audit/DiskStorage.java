package dev.sallyport.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A segment on a real disk. Its blocks are written before it is used: a force then has no length and no allocation to bring to the disk, only the records. */
final class DiskStorage implements Storage {
    static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int ZEROS = 256 * 1024;

    /** Between two pieces of zeros; a pause as long as the piece took leaves half of the disk's time. */
    private static final long PAUSE_NANOS_MAX = Duration.ofMillis(20).toNanos();

    private final FileChannel channel;
    private final Object key;
    private Path path;

    private DiskStorage(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.key = key(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    }

    static Storage prepare(Path file, long bytes, BooleanSupplier unhurried) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) != bytes) {
            fill(file, bytes, unhurried);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        try {
            return new DiskStorage(file, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Under another name until the disk has all of it: the size alone then says that it is done. */
    private static void fill(Path file, long bytes, BooleanSupplier unhurried) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(unfinished);
        if (Files.getFileStore(file.resolveSibling(".")).getUsableSpace() < bytes) {
            // Not tried: the attempt would take what is left from everybody else.
            throw new IOException(file + ": No space left on device");
        }
        try (FileChannel channel = FileChannel.open(
                unfinished, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE_MODE)) {
            ByteBuffer zeros = ByteBuffer.allocate(ZEROS);
            for (long left = bytes; left > 0; ) {
                long begun = System.nanoTime();
                zeros.clear().limit((int) Math.min(ZEROS, left));
                left -= channel.write(zeros);
                if (unhurried.getAsBoolean()) {
                    channel.force(false);
                    LockSupport.parkNanos(Math.min(System.nanoTime() - begun, PAUSE_NANOS_MAX));
                }
            }
            channel.force(true);
        } catch (IOException e) {
            deleteQuietly(unfinished);
            throw e;
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** What a full disk took of it would stand in the way of the records. */
    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The next attempt deletes it first.
        }
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
        for (long at = position; bytes.hasRemaining(); ) {
            at += channel.write(bytes, at);
        }
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void rename(Path file) throws IOException {
        Files.move(path, file, StandardCopyOption.ATOMIC_MOVE);
        path = file;
        // A forced file whose name was never forced can be gone after a power cut.
        LogFolder.forceNames(file.resolveSibling("."));
    }

    @Override
    public void check(long bytes) throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw new LostSegmentException("segment_gone", path + ": deleted or moved while it was written");
        }
        if (!key(now).equals(key)) {
            throw new LostSegmentException("segment_replaced", path + ": another file has its name");
        }
        if (now.size() < bytes) {
            throw new LostSegmentException(
                    "segment_truncated", path + ": " + now.size() + " bytes (expected: at least " + bytes + ")");
        }
    }

    /** Device and inode. */
    private static Object key(BasicFileAttributes attributes) {
        return Objects.requireNonNullElse(attributes.fileKey(), "");
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
