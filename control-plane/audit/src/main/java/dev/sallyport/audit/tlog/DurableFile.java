package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes a file whole or not at all: beside its place, forced, renamed, and its folder forced. For its owner's eyes only. */
final class DurableFile {
    static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> FOLDER_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private DurableFile() {}

    static void write(Path file, byte[] bytes) throws IOException {
        makeFolders(parent(file));
        writeBeside(file, bytes);
        forceBeside(file);
        moveInto(file);
        forceFolder(parent(file));
    }

    /** Makes what is missing of a folder's path, each forced into its parent: a file is only as durable as the names that lead to it. */
    static void makeFolders(Path wanted) throws IOException {
        if (Files.isDirectory(wanted)) {
            return;
        }
        Path parent = parent(wanted);
        makeFolders(parent);
        Files.createDirectory(wanted, FOLDER_MODE);
        forceFolder(parent);
    }

    static void writeBeside(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                beside(file),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE),
                FILE_MODE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }

    static void forceBeside(Path file) throws IOException {
        force(beside(file), StandardOpenOption.WRITE);
    }

    static void moveInto(Path file) throws IOException {
        Files.move(beside(file), file, StandardCopyOption.ATOMIC_MOVE);
    }

    static void forceFolder(Path folder) throws IOException {
        force(folder, StandardOpenOption.READ);
    }

    static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("/: (expected: a file)");
        }
        return parent;
    }

    private static void force(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }
}
