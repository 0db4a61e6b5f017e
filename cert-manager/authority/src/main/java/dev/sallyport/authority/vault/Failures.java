package dev.sallyport.authority.vault;

import dev.sallyport.authority.vault.VaultException.Kind;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;

/** From a status, or none, to what it means and how long to wait. Waits are drawn, so that callers who failed together part ways. */
final class Failures {
    /** A 500, though nothing is ambiguous about it. */
    private static final String NO_ISSUER = "unable to find PKI issuer";

    private static final int MESSAGE_MAX = 300;
    private static final long RETRY_SECONDS_MAX = 300;
    private static final Duration REPLICA = Duration.ofMillis(20);
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(5);

    private Failures() {}

    static VaultException of(String what, int status, List<String> errors, Optional<String> retryAfter) {
        boolean noIssuer = status == 500 && errors.stream().anyMatch(error -> error.contains(NO_ISSUER));
        Kind kind = noIssuer ? Kind.NOT_FOUND : kind(status);
        Duration wait = switch (kind) {
            case BEHIND -> REPLICA;
            case SEALED, REFUSED, FORBIDDEN, NOT_FOUND -> LONG;
            case BUSY, AMBIGUOUS, UPSTREAM, UNREACHABLE -> SHORT;
        };
        String said = errors.isEmpty() ? "" : " " + shown(String.join("; ", errors));
        return new VaultException(
                kind,
                status,
                "vault: " + what + ": " + status + said + " (expected: "
                        + (noIssuer
                                ? "an issuer that is there; was it deleted, or Vault restored from a backup?"
                                : expected(kind))
                        + ")",
                asked(retryAfter).orElseGet(() -> drawn(wait)));
    }

    /** 2xx, but not Vault's JSON. */
    static VaultException foreign(String what, int status) {
        return new VaultException(
                Kind.UPSTREAM,
                status,
                "vault: " + what + ": " + status + " without JSON (expected: Vault's API; what answers there?)",
                drawn(SHORT));
    }

    static VaultException unreachable(String what, URI address, Optional<Throwable> failure) {
        String why = failure.map(Failures::reason).orElse("not sent");
        return new VaultException(
                Kind.UNREACHABLE,
                0,
                "vault: " + what + ": " + address + ": " + shown(why) + " (expected: an answer within "
                        + VaultGateway.CALL_SECONDS_MAX + " s)",
                drawn(SHORT));
    }

    /** The first cause that says something to an operator, else the last. */
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (true) {
            switch (cause) {
                case HttpTimeoutException timeout -> {
                    return "no answer in time: " + timeout.getMessage();
                }
                case ConnectException _ -> {
                    return "no connection";
                }
                case SSLException tls -> {
                    return "TLS: " + tls.getMessage();
                }
                default -> {
                    Throwable next = cause.getCause();
                    if (next == null) {
                        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
                    }
                    cause = next;
                }
            }
        }
    }

    private static Kind kind(int status) {
        return switch (status) {
            case 403 -> Kind.FORBIDDEN;
            case 404 -> Kind.NOT_FOUND;
            case 412 -> Kind.BEHIND;
            case 429 -> Kind.BUSY;
            case 500 -> Kind.AMBIGUOUS;
            case 472, 473, 474, 503, 530 -> Kind.SEALED;
            default -> status >= 400 && status < 500 ? Kind.REFUSED : Kind.UPSTREAM;
        };
    }

    private static String expected(Kind kind) {
        return switch (kind) {
            case REFUSED -> "a mount, role and issuer that allow this; see sallyport vault setup --check";
            case FORBIDDEN -> "a valid token whose policy allows this; see sallyport vault setup --print-policy";
            case NOT_FOUND -> "this path, seen by this token; is the mount, role, issuer or namespace another?";
            case BEHIND -> "a replica that is up to date";
            case BUSY -> "a quota that holds this many requests";
            case AMBIGUOUS -> "2xx; it may have been done: does an audit device block?";
            case UPSTREAM -> "an answer of Vault itself";
            case SEALED -> "an unsealed, active server";
            case UNREACHABLE -> "an answer";
        };
    }

    /** Whole seconds alone: Vault sends no dates. Bounded, so that one header cannot park us for a day. */
    private static Optional<Duration> asked(Optional<String> retryAfter) {
        return retryAfter
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Math.clamp(Long.parseLong(text), 1, RETRY_SECONDS_MAX)));
    }

    /** {@code least} to three times as much. */
    private static Duration drawn(Duration least) {
        return least.plusMillis(ThreadLocalRandom.current().nextLong(2 * least.toMillis() + 1));
    }

    static String shown(String text) {
        String line = text.replaceAll("\\p{C}+", " ").replaceAll("\\s+", " ").strip();
        return line.length() <= MESSAGE_MAX ? line : line.substring(0, MESSAGE_MAX) + "…";
    }
}
