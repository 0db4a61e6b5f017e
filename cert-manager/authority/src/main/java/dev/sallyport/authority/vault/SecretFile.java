package dev.sallyport.authority.vault;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/** A file that holds one secret: small, and nobody's but its owner's and group's. A group, because that is how a container's volume is given to its process. */
final class SecretFile {
    private static final int BYTES_MAX = 64 * 1024;

    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);

    private SecretFile() {}

    /** The one line of it. */
    static String line(Path file) throws IOException {
        return line(file, bytes(file));
    }

    /** As {@link #line}, whoever can read the file: a projected token is one for all of its container, and its audience and end bound what it is worth. */
    static String shared(Path file) throws IOException {
        return line(file, content(file));
    }

    /** The whole; the caller wipes it. */
    static byte[] bytes(Path file) throws IOException {
        byte[] content = content(file);
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.stream().anyMatch(OTHERS::contains)) {
            Arrays.fill(content, (byte) 0);
            throw new IOException("secret file: " + file + " has mode " + PosixFilePermissions.toString(permissions)
                    + " (expected: nothing for others; run: chmod o-rwx " + file + ")");
        }
        return content;
    }

    private static byte[] content(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(BYTES_MAX + 1);
            if (content.length > BYTES_MAX) {
                throw new IOException("secret file: " + file + " (expected: <= " + BYTES_MAX + " bytes)");
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new IOException("secret file: " + file + " is missing");
        }
    }

    private static String line(Path file, byte[] content) throws IOException {
        String text = new String(content, StandardCharsets.US_ASCII).strip();
        Arrays.fill(content, (byte) 0);
        if (text.isEmpty() || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IOException("secret file: " + file + " (expected: one line of printable ASCII)");
        }
        return text;
    }
}
