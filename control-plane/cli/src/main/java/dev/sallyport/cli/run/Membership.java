package dev.sallyport.cli.run;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.JoinFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** With what a sidecar joins: a join file that was given, one that the administrator's context makes on the spot, or the certificate that it has already. */
final class Membership implements AutoCloseable {
    private static final String TOKEN_LIFE = "10m";

    private final Optional<Path> joinFile;
    private final boolean ours;

    private Membership(Optional<Path> joinFile, boolean ours) {
        this.joinFile = joinFile;
        this.ours = ours;
    }

    static Membership of(Invocation invocation, String service, Path state, Optional<Path> given) throws CliException {
        if (given.isPresent()) {
            return new Membership(given, false);
        }
        boolean joined = Files.exists(state.resolve("identity").resolve("svid.pem"));
        Path context = invocation.contextFile();
        if (!Files.exists(context)) {
            if (joined) {
                return new Membership(Optional.empty(), false);
            }
            throw new CliException(
                    "run: nothing to join with (expected: --join-file FILE from sallyport token create, or the administrator's context at "
                            + context + ")");
        }
        try (ControlPlaneApi api = invocation.api()) {
            Path file = folder(state).resolve("join");
            JoinFiles.create(api, service, TOKEN_LIFE, file, true);
            return new Membership(Optional.of(file), true);
        } catch (CliException e) {
            if (!joined) {
                throw e;
            }
            invocation.say(e.getMessage() + "; starting with the certificate of last time");
            return new Membership(Optional.empty(), false);
        }
    }

    /** As the sidecar wants it: it refuses a folder that others can read. */
    private static Path folder(Path state) throws CliException {
        try {
            if (!Files.exists(state)) {
                Files.createDirectories(
                        state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return state;
        } catch (IOException e) {
            throw new CliException(
                    "--state: " + state + ": cannot be made (expected: a folder that this user can write)");
        }
    }

    Optional<Path> joinFile() {
        return joinFile;
    }

    @Override
    public void close() {
        forget();
    }

    /** Removes a join file that was made here: the sidecar has joined, or never will. */
    void forget() {
        if (ours) {
            joinFile.ifPresent(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    // It ends by itself, within ten minutes.
                }
            });
        }
    }
}
