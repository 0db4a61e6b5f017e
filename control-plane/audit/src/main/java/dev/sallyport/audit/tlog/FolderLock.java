package dev.sallyport.audit.tlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** A folder that one process may write; freed when it is closed, or the process ends. */
final class FolderLock implements Closeable {
    private static final String FILE = ".lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Makes the folder. IOException when another process has it. */
    static FolderLock take(Path folder) throws IOException {
        DurableFile.makeFolders(folder);
        FileChannel channel = FileChannel.open(
                folder.resolve(FILE),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                DurableFile.FILE_MODE);
        try {
            FileLock held = channel.tryLock();
            if (held != null) {
                return new FolderLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this process: the same answer.
        }
        channel.close();
        throw new IOException(folder + ": in use by another process (expected: one that writes)");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
