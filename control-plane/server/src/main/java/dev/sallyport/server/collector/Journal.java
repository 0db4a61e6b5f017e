package dev.sallyport.server.collector;

import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has been answered and is not in the tiled log yet. Leaves are numbered here: a leaf's index in the tiled log follows from its place in the journal, so that a crash anywhere
 * repeats nothing and loses nothing. A file that failed once is never written again: an operating system may forget what it could not write, and report the next force as good.
 * Appends on one thread, {@link #release} on any.
 */
final class Journal implements AutoCloseable {
    private static final long FILE_BYTES_MAX = 64L * 1024 * 1024;

    /** Opens the next file; another one in tests of disks that fail. */
    interface Creating {
        FileChannel create(Path file) throws IOException;
    }

    private final Path folder;
    private final Creating opener;
    private final List<JournalFiles.Name> files; // guarded by this
    private @Nullable FileChannel channel;
    private long number;
    private long written;
    private volatile long end;

    private Journal(Path folder, Creating opener, JournalFiles.Found found, long end) {
        this.folder = folder;
        this.opener = opener;
        this.files = new ArrayList<>(found.files());
        this.number = found.last();
        this.end = end;
    }

    /** A journal to go on with, and the frames that the tiled log has still to get. */
    record Opened(Journal journal, List<Frame> frames) {}

    /** {@code logSize}: what the tiled log has. IOException: what was answered is damaged or missing. */
    static Opened open(Path folder, long logSize) throws IOException {
        return open(folder, logSize, Journal::create);
    }

    static Opened open(Path folder, long logSize, Creating opener) throws IOException {
        PrivateFiles.folder(folder);
        JournalFiles.Found found = JournalFiles.read(folder, logSize);
        long end = found.frames().isEmpty() ? logSize : found.frames().getLast().end();
        return new Opened(new Journal(folder, opener, found, end), found.frames());
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    /** The index of the next leaf. */
    long end() {
        return end;
    }

    /** All of them, in order and durable when it returns; the first begins at {@link #end}. IOException: none of them counts. */
    void append(List<Frame> frames) throws IOException {
        try {
            FileChannel file = file();
            ByteBuffer[] buffers = frames.stream()
                    .map(frame -> FrameBytes.write(frame.leaves(), written))
                    .toArray(ByteBuffer[]::new);
            long bytes = 0;
            for (ByteBuffer buffer : buffers) {
                bytes += buffer.remaining();
            }
            for (long left = bytes; left > 0; ) {
                left -= file.write(buffers);
            }
            file.force(false);
            written += bytes;
            end = frames.getLast().end();
        } catch (IOException | RuntimeException e) {
            abandon();
            throw e;
        }
    }

    private FileChannel file() throws IOException {
        FileChannel current = channel;
        if (current != null && written < FILE_BYTES_MAX) {
            return current;
        }
        abandon();
        JournalFiles.Name name = JournalFiles.Name.of(folder, number + 1, end);
        channel = opener.create(name.path());
        number++;
        written = 0;
        synchronized (this) {
            files.add(name);
        }
        forceFolder();
        return channel;
    }

    /** Else a crash could take the new file's name, and all that was answered from it. */
    private void forceFolder() throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void abandon() {
        FileChannel current = channel;
        channel = null;
        if (current != null) {
            try {
                current.close();
            } catch (IOException e) {
                // What was forced stays forced; the rest never counted.
            }
        }
    }

    /** Removes the files all of whose leaves are in a tiled log of {@code logSize}. */
    synchronized void release(long logSize) throws IOException {
        while (files.size() > 1 && files.get(1).base() <= logSize) {
            Files.deleteIfExists(files.getFirst().path());
            files.removeFirst();
        }
    }

    /** Bytes of the files that are still there. */
    synchronized long bytes() throws IOException {
        long sum = 0;
        for (JournalFiles.Name file : files) {
            sum += Files.exists(file.path()) ? Files.size(file.path()) : 0;
        }
        return sum;
    }

    @Override
    public void close() {
        abandon();
    }
}
