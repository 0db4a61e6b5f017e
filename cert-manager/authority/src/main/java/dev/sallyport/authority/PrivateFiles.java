package dev.sallyport.authority;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Files for the eyes of one account: written whole or not at all, read only while nobody else can. */
final class PrivateFiles {
    /** Keys and a certificate or two; more is some other file. */
    private static final int MAX_BYTES = 64 * 1024;

    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");

    private PrivateFiles() {}

    /** Makes the folder and what is missing above it, mode 0700. An existing folder keeps its mode. */
    static void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
    }

    /** Mode 0600 from the first byte; on disk before it has its name, so that a crash leaves the old file or the new one. */
    static void write(Path file, byte[] content) throws IOException {
        Path folder = folderOf(file);
        Path temporary = Files.createTempFile(folder, ".new-", "", PosixFilePermissions.asFileAttribute(OWNER_FILE));
        try {
            try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                var bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(folder);
    }

    /** A new name, too, must survive a power cut. */
    static void sync(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static Path folderOf(Path file) throws IOException {
        return Optional.ofNullable(file.toAbsolutePath().getParent())
                .orElseThrow(() -> new IOException("private file: " + file + " (expected: a file in a folder)"));
    }

    /** Refuses a file that group or others can touch: its content must count as known to them. */
    static byte[] read(Path file) throws IOException {
        Set<PosixFilePermission> foreign = new HashSet<>(Files.getPosixFilePermissions(file));
        String mode = PosixFilePermissions.toString(foreign);
        foreign.removeAll(OWNER_FOLDER);
        if (!foreign.isEmpty()) {
            throw new IOException("private file: " + file + " has mode " + mode
                    + " (expected: rw-------; run: chmod 600 " + file + ")");
        }
        long size = Files.size(file);
        if (size > MAX_BYTES) {
            throw new IOException("private file: " + file + " has " + size + " bytes (expected: <= " + MAX_BYTES + ")");
        }
        return Files.readAllBytes(file);
    }
}
