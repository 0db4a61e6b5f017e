package dev.sallyport.cli;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Join files on disk: secret, and there only when they are whole, since a sidecar may be waiting for one. */
public final class JoinFiles {
    private JoinFiles() {}

    /** Asks for a join token of {@code service} and writes it. Refuses before asking when {@code file} exists and {@code overwrite} is not set. */
    public static JoinFile create(ControlPlaneApi api, String service, String life, Path file, boolean overwrite)
            throws CliException {
        return write(() -> api.createJoinToken(service, life), file, overwrite);
    }

    /** As {@link #create}, without a token: for sidecars that prove themselves otherwise. */
    public static JoinFile createWithoutToken(ControlPlaneApi api, String service, Path file, boolean overwrite)
            throws CliException {
        return write(() -> api.joinFileWithoutToken(service), file, overwrite);
    }

    private interface Answer {
        byte[] get() throws CliException;
    }

    private static JoinFile write(Answer answer, Path file, boolean overwrite) throws CliException {
        if (!overwrite && Files.exists(file)) {
            throw new CliException(file + ": exists (expected: a new file; --force overwrites it)");
        }
        byte[] bytes = answer.get();
        try {
            JoinFile join = JoinFile.ofBytes(bytes);
            WholeFile.writeSecret(file, bytes, overwrite);
            return join;
        } catch (InvalidMessageException e) {
            throw new CliException("control plane: its answer is no join file: " + e.getMessage());
        } catch (FileAlreadyExistsException e) {
            throw new CliException(file + ": exists (expected: a new file; --force overwrites it)");
        } catch (IOException e) {
            throw new CliException(file + ": cannot be written (expected: a place that this user can write)");
        }
    }
}
