package dev.sallyport.cli.vault;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** The one-off token that may set Vault up: from a file, else from {@code VAULT_TOKEN}. Never stored, never printed, and not the control plane's. */
final class SetupToken {
    private static final int BYTES_MAX = 64 * 1024;
    private static final Set<PosixFilePermission> OWNER =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private SetupToken() {}

    static String of(Optional<Path> file, Invocation invocation) throws CliException {
        if (file.isPresent()) {
            return read(file.get());
        }
        String token = invocation.environment().getOrDefault("VAULT_TOKEN", "").strip();
        if (token.isEmpty()) {
            throw invocation.usage(
                    "no token (expected: VAULT_TOKEN, or --token-file FILE; its policy: --print-setup-policy)");
        }
        return checked("VAULT_TOKEN", token);
    }

    private static String read(Path file) throws CliException {
        String where = "--token-file: " + file;
        try (InputStream in = Files.newInputStream(file)) {
            if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
                throw new CliException(
                        where + ": others can read it (expected: mode 0600; run chmod 600 " + file + ")");
            }
            return checked(where, new String(in.readNBytes(BYTES_MAX), StandardCharsets.US_ASCII).strip());
        } catch (IOException e) {
            throw new CliException(where + ": cannot be read (expected: a file with a token, mode 0600)");
        }
    }

    /** It becomes a header. */
    private static String checked(String where, String token) throws CliException {
        if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new CliException(where + ": not a token (expected: one word of printable ASCII)");
        }
        return token;
    }
}
