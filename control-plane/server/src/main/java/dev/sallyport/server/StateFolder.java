package dev.sallyport.server;

import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The state folder, for this process alone: 0700, and locked while it runs. */
final class StateFolder implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private StateFolder(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /** Makes or opens it. StartException: others can read it, it cannot be written, or another control plane holds it. */
    static StateFolder open(Path path) throws StartException {
        try {
            PrivateFiles.folder(path);
            if (PrivateFiles.openToOthers(path)) {
                throw new StartException(
                        StartException.FAILURE,
                        "state: " + path + " is open to group or others (expected: mode 0700; run: chmod 700 " + path
                                + ")");
            }
            Path lockPath = path.resolve("lock");
            PrivateFiles.touch(lockPath);
            FileChannel file = FileChannel.open(lockPath, StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                file.close();
                throw new StartException(
                        StartException.FAILURE,
                        "state: " + path + " is in use (expected: no other control plane on the same folder)");
            }
            return new StateFolder(path, file);
        } catch (FileSystemException e) {
            throw new StartException(
                    StartException.FAILURE,
                    "state: " + path + " (expected: a folder that this user can make and write): " + e);
        } catch (IOException e) {
            throw new StartException(StartException.FAILURE, "state: " + path + ": " + e.getMessage());
        }
    }

    @org.jspecify.annotations.Nullable
    private static FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // Held by this very process: a second control plane in it.
        }
    }

    Path path() {
        return path;
    }

    /** Whether {@code file} would lie inside, also through symbolic links. */
    boolean contains(Path file) throws IOException {
        Path existing = file.toAbsolutePath().normalize();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing != null && existing.toRealPath().startsWith(path.toRealPath());
    }

    /** Ends the lock. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
