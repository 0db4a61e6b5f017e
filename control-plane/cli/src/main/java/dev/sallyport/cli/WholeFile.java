package dev.sallyport.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that is there only when it is whole, for another process may be waiting for it. */
public final class WholeFile {
    private WholeFile() {}

    /** Mode 0600 from the first byte. {@code FileAlreadyExistsException} when {@code overwrite} is not set and there is one. */
    public static void writeSecret(Path file, byte[] bytes, boolean overwrite) throws IOException {
        write(file, bytes, overwrite, "rw-------");
    }

    /** Mode 0644, less what the umask takes; replaces what is there. */
    public static void write(Path file, byte[] bytes) throws IOException {
        write(file, bytes, true, "rw-r--r--");
    }

    private static void write(Path file, byte[] bytes, boolean overwrite, String mode) throws IOException {
        Path target = file.toAbsolutePath();
        Path whole = Files.createTempFile(
                target.getParent(),
                "." + target.getFileName(),
                ".part",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        try {
            // On disk before it has its name: after a crash there is the old content or the new.
            try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                ByteBuffer left = ByteBuffer.wrap(bytes);
                while (left.hasRemaining()) {
                    channel.write(left);
                }
                channel.force(true);
            }
            if (overwrite) {
                Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.move(whole, target);
            }
        } finally {
            Files.deleteIfExists(whole);
        }
    }
}
