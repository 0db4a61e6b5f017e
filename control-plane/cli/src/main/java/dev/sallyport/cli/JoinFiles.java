package dev.sallyport.cli;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Join files on disk: mode 0600 from the first byte, and there only when they are whole, since a sidecar may be waiting for one. */
public final class JoinFiles {
    private JoinFiles() {}

    /** Asks for a join token of {@code service} and writes it. Refuses before asking when {@code file} exists and {@code overwrite} is not set. */
    public static JoinFile create(ControlPlaneApi api, String service, String life, Path file, boolean overwrite)
            throws CliException {
        if (!overwrite && Files.exists(file)) {
            throw new CliException(file + ": exists (expected: a new file; --force overwrites it)");
        }
        byte[] bytes = api.createJoinToken(service, life);
        try {
            JoinFile join = JoinFile.ofBytes(bytes);
            write(file, bytes, overwrite);
            return join;
        } catch (InvalidMessageException e) {
            throw new CliException("control plane: its answer is no join file: " + e.getMessage());
        } catch (FileAlreadyExistsException e) {
            throw new CliException(file + ": exists (expected: a new file; --force overwrites it)");
        } catch (IOException e) {
            throw new CliException(file + ": cannot be written (expected: a place that this user can write)");
        }
    }

    private static void write(Path file, byte[] bytes, boolean overwrite) throws IOException {
        FileAttribute<?> ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path target = file.toAbsolutePath();
        Path whole = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".part", ownerOnly);
        try {
            Files.write(whole, bytes);
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
