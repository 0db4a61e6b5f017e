package dev.sallyport.audit.tlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A tiled log in a folder. A file is written beside its place, forced, renamed, and its folder forced; every file of one call is written before the first is forced, so that the device takes them together. */
public final class FolderTileStore implements TileStore, Closeable {
    private static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> FOLDER_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path folder;
    private final @Nullable FileChannel lock;

    private FolderTileStore(Path folder, @Nullable FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** For the one process that writes; makes the folder. IOException when another one writes there: two writers would fork the log. */
    public static FolderTileStore open(Path folder) throws IOException {
        Files.createDirectories(folder, FOLDER_MODE);
        FileChannel channel = FileChannel.open(
                folder.resolve(".lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), FILE_MODE);
        try {
            FileLock held = channel.tryLock();
            if (held != null) {
                return new FolderTileStore(folder, channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this process: the same answer.
        }
        channel.close();
        throw new IOException("tiled log " + folder + ": in use by another process (expected: one that writes)");
    }

    /** For those who only read. */
    public static FolderTileStore reading(Path folder) {
        return new FolderTileStore(folder, null);
    }

    @Override
    public Optional<byte[]> read(String path) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(resolve(path)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void write(Map<String, byte[]> files) throws IOException {
        if (lock == null) {
            throw new IOException("tiled log " + folder + ": opened for reading");
        }
        Set<Path> folders = new LinkedHashSet<>();
        List<Path> targets = new ArrayList<>();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path target = resolve(file.getKey());
            makeFolders(parent(target), folders);
            writeBeside(target, file.getValue());
            targets.add(target);
        }
        for (Path target : targets) {
            force(beside(target), StandardOpenOption.WRITE);
        }
        for (Path target : targets) {
            Files.move(beside(target), target, StandardCopyOption.ATOMIC_MOVE);
            folders.add(parent(target));
        }
        for (Path changed : folders) {
            force(changed, StandardOpenOption.READ);
        }
    }

    @Override
    public void delete(String path) throws IOException {
        Path target = resolve(path);
        if (!Files.exists(target)) {
            return;
        }
        try (Stream<Path> below = Files.walk(target)) {
            for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
        }
    }

    /** A path that led out of the folder would let whoever names tiles name any file. */
    private Path resolve(String path) {
        Path target = folder.resolve(path).normalize();
        if (!target.startsWith(folder.normalize()) || path.isEmpty() || path.startsWith("/")) {
            throw new IllegalArgumentException("tiled log: a path outside of its folder");
        }
        return target;
    }

    /** Makes what is missing; {@code changed} gets the folders whose list of names changed. */
    private void makeFolders(Path wanted, Set<Path> changed) throws IOException {
        if (wanted.equals(folder.normalize()) || Files.isDirectory(wanted)) {
            return;
        }
        makeFolders(parent(wanted), changed);
        Files.createDirectory(wanted, FOLDER_MODE);
        changed.add(parent(wanted));
    }

    private static void writeBeside(Path target, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                beside(target),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE),
                FILE_MODE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }

    private static void force(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private static Path beside(Path target) {
        return target.resolveSibling(target.getFileName() + ".new");
    }

    private Path parent(Path target) {
        return Optional.ofNullable(target.getParent()).orElse(folder);
    }
}
