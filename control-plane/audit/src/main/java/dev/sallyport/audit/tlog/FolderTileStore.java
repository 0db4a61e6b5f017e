package dev.sallyport.audit.tlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
    private final Path folder;
    private final @Nullable FolderLock lock;

    private FolderTileStore(Path folder, @Nullable FolderLock lock) {
        this.folder = folder.toAbsolutePath().normalize();
        this.lock = lock;
    }

    /** For the one process that writes; makes the folder. IOException when another one writes there: two writers would fork the log. */
    public static FolderTileStore open(Path folder) throws IOException {
        return new FolderTileStore(folder, FolderLock.take(folder));
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
            DurableFile.makeFolders(DurableFile.parent(target));
            DurableFile.writeBeside(target, file.getValue());
            targets.add(target);
        }
        for (Path target : targets) {
            DurableFile.forceBeside(target);
        }
        for (Path target : targets) {
            DurableFile.moveInto(target);
            folders.add(DurableFile.parent(target));
        }
        for (Path changed : folders) {
            DurableFile.forceFolder(changed);
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
        if (!target.startsWith(folder) || path.isEmpty() || path.startsWith("/")) {
            throw new IllegalArgumentException("tiled log: a path outside of its folder");
        }
        return target;
    }
}
