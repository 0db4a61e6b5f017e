package dev.sallyport.authority.vault;

import dev.sallyport.authority.vault.VaultException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A secret id that was delivered as a response-wrapping token: good for one unwrapping, so that whoever opened it on the way shows. Opened once per delivery, kept in memory, and its
 * file deleted: a token that lies there and does not open was opened by somebody else. Owned by one session, under its lock.
 */
final class WrappedSecretId {
    private static final Duration UNTIL_DELIVERED = Duration.ofSeconds(30);

    private final VaultAuth.AppRole role;
    private final VaultEvents events;
    private String opened = "";

    WrappedSecretId(VaultAuth.AppRole role, VaultEvents events) {
        this.role = role;
        this.events = events;
    }

    /** A new delivery wins over what was opened before. */
    String secretId(VaultGateway gateway) throws VaultException, IOException {
        Path file = role.secretIdFile();
        if (Files.exists(file)) {
            opened = unwrap(gateway, SecretFile.line(file));
            delete(file);
        }
        if (opened.isEmpty()) {
            throw new VaultException(
                    Kind.FORBIDDEN,
                    0,
                    "vault login: " + file + " is missing (expected: a response-wrapped secret id; one is good for one"
                            + " start of this process)",
                    UNTIL_DELIVERED);
        }
        return opened;
    }

    private String unwrap(VaultGateway gateway, String wrapping) throws VaultException {
        Vault nobody = gateway.asNobody();
        VaultAnswer lookup = asked(() -> nobody.write("sys/wrapping/lookup", Map.of("token", wrapping)));
        String path = lookup.text("creation_path").orElse("");
        // Anybody can wrap anything: a token that wraps another answer would log us in as whoever made it.
        Pattern expected = Pattern.compile(
                "([A-Za-z0-9_/-]+/)?" + Pattern.quote("auth/" + role.mount() + "/role/" + role.role() + "/secret-id"));
        if (!expected.matcher(path).matches()) {
            throw refused("it wraps what was made at " + Failures.shown(path));
        }
        VaultAnswer unwrapped = asked(() -> gateway.as(wrapping).write("sys/wrapping/unwrap", Map.of()));
        return unwrapped.text("secret_id").orElseThrow(() -> refused("there is no secret id in it"));
    }

    @FunctionalInterface
    private interface Question {
        VaultAnswer ask() throws VaultException;
    }

    /** Unsealed and reachable, Vault knows a wrapping token until somebody opens it or its time is over. */
    private VaultAnswer asked(Question question) throws VaultException {
        try {
            return question.ask();
        } catch (VaultException e) {
            if (e.kind() == Kind.REFUSED || e.kind() == Kind.FORBIDDEN || e.kind() == Kind.NOT_FOUND) {
                throw refused("it does not open: opened already, or too old; Vault says " + e.status());
            }
            throw e;
        }
    }

    private VaultException refused(String why) {
        String what = "wrapped secret id in " + role.secretIdFile() + ": " + why
                + " (expected: unopened, made at auth/" + role.mount() + "/role/" + role.role()
                + "/secret-id; unless you know who opened it, destroy that secret id)";
        events.security(what);
        return new VaultException(Kind.FORBIDDEN, 0, "vault login: " + what, UNTIL_DELIVERED);
    }

    private void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            events.warning(
                    "vault login: " + file + " cannot be deleted (expected: a folder of ours; the next start will"
                            + " take the used token for a stolen one): " + e.getMessage());
        }
    }
}
