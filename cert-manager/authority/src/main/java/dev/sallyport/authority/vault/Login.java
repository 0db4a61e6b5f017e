package dev.sallyport.authority.vault;

import dev.sallyport.authority.vault.VaultException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Proves to Vault who we are, by one of the methods, with what its files hold at that moment. Owned by one session, under its lock. */
final class Login {
    private static final Duration UNTIL_MENDED = Duration.ofSeconds(30);

    /** With so few logins left, or so little time, somebody must act. */
    private static final long USES_LEFT = 3;

    private static final Duration TIME_LEFT = Duration.ofDays(3);

    private final VaultGateway gateway;
    private final VaultAuth auth;
    private final VaultEvents events;
    private final Optional<WrappedSecretId> wrapped;
    private String secretId = "";
    private String warned = "";

    Login(VaultGateway gateway, VaultAuth auth, VaultEvents events) {
        this.gateway = gateway;
        this.auth = auth;
        this.events = events;
        this.wrapped = auth instanceof VaultAuth.AppRole role && role.wrapped()
                ? Optional.of(new WrappedSecretId(role, events))
                : Optional.empty();
    }

    /** A fresh token. Refusals of any status are FORBIDDEN: what was asked for is not at fault. */
    VaultToken login() throws VaultException {
        try {
            return switch (auth) {
                case VaultAuth.AppRole role -> appRole(role);
                case VaultAuth.Jwt jwt ->
                    token(jwt.mount(), Map.of("role", jwt.role(), "jwt", SecretFile.shared(jwt.jwtFile())));
                case VaultAuth.Certificate certificate ->
                    token(certificate.mount(), Map.of("name", certificate.role()));
                case VaultAuth.TokenFile file -> fromFile(file);
            };
        } catch (IOException e) {
            throw new VaultException(Kind.FORBIDDEN, 0, "vault login: " + e.getMessage(), UNTIL_MENDED);
        } catch (VaultException e) {
            boolean refused = e.kind() == Kind.REFUSED || e.kind() == Kind.NOT_FOUND;
            throw refused
                    ? new VaultException(Kind.FORBIDDEN, e.status(), String.valueOf(e.getMessage()), e.retryAfter())
                    : e;
        }
    }

    /** How long the secret id is still good for, as far as our policy lets us ask; said once when it is not for long. */
    void checkSecretId(String token, Instant now) {
        if (!(auth instanceof VaultAuth.AppRole role) || secretId.isEmpty()) {
            return;
        }
        try {
            String path = "auth/" + role.mount() + "/role/" + role.role() + "/secret-id/lookup";
            VaultAnswer answer = gateway.as(token).write(path, Map.of("secret_id", secretId));
            Optional<String> concern = concern(answer, now);
            if (concern.isPresent() && !concern.get().equals(warned)) {
                warned = concern.get();
                events.warning("vault: the secret id of role " + role.role() + " " + warned
                        + " (expected: a new one, in time, in " + role.secretIdFile() + ")");
            }
        } catch (VaultException e) {
            // Not allowed to ask, or not now: the login itself says the rest.
        }
    }

    private static Optional<String> concern(VaultAnswer answer, Instant now) {
        long uses = answer.number("secret_id_num_uses").orElse(0L);
        if (uses > 0 && uses <= USES_LEFT) { // 0 means any number; a used-up one is not found
            return Optional.of("is good for " + uses + " more logins");
        }
        Optional<Instant> end = answer.text("expiration_time").flatMap(Login::instant);
        return end.filter(at -> at.isAfter(Instant.EPOCH)) // the year 1 means never
                .filter(at -> at.isBefore(now.plus(TIME_LEFT)))
                .map(at -> "ends at " + at);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private VaultToken appRole(VaultAuth.AppRole role) throws VaultException, IOException {
        String roleId = SecretFile.line(role.roleIdFile());
        secretId = wrapped.isPresent() ? wrapped.get().secretId(gateway) : SecretFile.line(role.secretIdFile());
        return token(role.mount(), Map.of("role_id", roleId, "secret_id", secretId));
    }

    private VaultToken token(String mount, Map<String, String> proof) throws VaultException {
        VaultAnswer answer = gateway.asNobody().write("auth/" + mount + "/login", new HashMap<>(proof));
        return VaultToken.ofLogin(answer.auth())
                .orElseThrow(() -> new VaultException(
                        Kind.UPSTREAM,
                        answer.status(),
                        "vault login: no token in the answer of auth/" + mount + " (expected: one without further"
                                + " factors)",
                        UNTIL_MENDED));
    }

    private VaultToken fromFile(VaultAuth.TokenFile file) throws VaultException, IOException {
        String token = SecretFile.line(file.file());
        return VaultToken.ofLookup(
                token, gateway.as(token).read("auth/token/lookup-self").data());
    }
}
