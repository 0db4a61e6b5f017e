package dev.sallyport.proxy.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one sidecar, held by a lock until {@link #close}. Its private key rests here: who reads the folder is the service until revocation, so a folder that group or others
 * can enter is refused and never mended in silence; what it held may be known already.
 */
public final class StateFolder implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private static final List<String> PARTS = List.of("identity", "snapshots", "audit");

    private static final int INSTANCE_BYTES = 16;
    private static final int SECRET_BYTES = 32;

    private final Path root;
    private final FileChannel lockFile;

    private StateFolder(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /** Makes the folder when it does not exist. Exceptions say what, the value and the expectation. */
    public static StateFolder open(Path directory) throws StateRefusedException {
        Path root = directory.toAbsolutePath().normalize();
        try {
            if (!Files.exists(root)) {
                Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            }
            checkFolder(root);
            for (String part : PARTS) { // Before anything is held: whoever is refused leaves no lock behind.
                Path folder = root.resolve(part);
                if (!Files.exists(folder)) {
                    Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
                }
                checkFolder(folder);
            }
            return new StateFolder(root, lock(root));
        } catch (IOException e) {
            throw new StateRefusedException("stateDirectory: " + root + ": " + e.getMessage()
                    + " (expected: a folder that this user can write)");
        }
    }

    private static void checkFolder(Path root) throws IOException, StateRefusedException {
        if (!Files.isDirectory(root)) {
            throw new StateRefusedException("stateDirectory: " + root + " is not a folder (expected: a folder)");
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(root);
        if (!OWNER_ONLY.containsAll(mode)) {
            throw new StateRefusedException("stateDirectory: " + root + " has mode "
                    + PosixFilePermissions.toString(mode)
                    + " (expected: rwx------, for it holds the service's private key; run: chmod 700 " + root + ")");
        }
        if (!Files.isWritable(root)) {
            throw new StateRefusedException(
                    "stateDirectory: " + root + " is not writable (expected: a folder that this user can write)");
        }
    }

    private static FileChannel lock(Path root) throws IOException, StateRefusedException {
        FileChannel channel = FileChannel.open(
                root.resolve("lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by this process: the same refusal.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new StateRefusedException(
                    "stateDirectory: " + root + " is in use by another sidecar (expected: one folder for each)");
        }
        return channel; // keeps the lock until it is closed
    }

    public Path root() {
        return root;
    }

    public Path identity() {
        return root.resolve("identity");
    }

    public Path audit() {
        return root.resolve("audit");
    }

    /** The sidecar's own random id, the same over restarts; not a secret. */
    public String instance() throws IOException {
        Path file = root.resolve("instance");
        if (!Files.exists(file)) {
            DurableFile.write(file, random(INSTANCE_BYTES).getBytes(StandardCharsets.US_ASCII));
        }
        String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (text.length() != 2 * INSTANCE_BYTES || !text.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IOException(file + ": not " + 2 * INSTANCE_BYTES
                    + " hex digits (expected: the file as the sidecar wrote it; delete it to make a new one)");
        }
        return text;
    }

    /** A secret of this process, 32 random bytes in hex, in place of what {@code name} held: one that was read, or shown to somebody else's port while there was no sidecar, opens nothing any more. */
    public String newSecret(String name) throws IOException {
        String secret = random(SECRET_BYTES);
        DurableFile.write(root.resolve(name), secret.getBytes(StandardCharsets.US_ASCII));
        return secret;
    }

    /** Puts down {@code line} for whoever may read this folder, in place of what {@code name} held. */
    public void tell(String name, String line) throws IOException {
        DurableFile.write(root.resolve(name), (line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Takes back what was told under {@code name}, if it was. */
    public void untell(String name) throws IOException {
        Files.deleteIfExists(root.resolve(name));
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
