package dev.sallyport.authority.vault;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A token as a login or a renewal returned it. {@code lease}: how long it lives from then, empty for ever; {@code renewable}: whether asking for more is any use; {@code ours}: got by a
 * login of ours, so that nobody misses it when it is revoked.
 */
record VaultToken(String value, Optional<Duration> lease, boolean renewable, boolean ours) {
    /** Half of the lease leaves the other half for all that can fail meanwhile; around it, because many control planes may have logged in together. */
    private static final double AT_FROM = 0.45;

    private static final double AT_TO = 0.55;

    /** So that what is left of a lease is not asked for in ever smaller pieces. */
    private static final long AFTER_MILLIS_MIN = 1_000;

    /** {@code auth} of a login's answer. Empty when there is no token in it. */
    static Optional<VaultToken> ofLogin(Map<String, Object> auth) {
        return auth.get("client_token") instanceof String token && !token.isEmpty()
                ? Optional.of(new VaultToken(token, lease(auth.get("lease_duration")), renewable(auth), true))
                : Optional.empty();
    }

    /** {@code data} of a look-up. */
    static VaultToken ofLookup(String token, Map<String, Object> data) {
        return new VaultToken(token, lease(data.get("ttl")), renewable(data), false);
    }

    /** The same token with what a renewal gave it. */
    VaultToken renewed(Map<String, Object> auth) {
        return new VaultToken(value, lease(auth.get("lease_duration")), renewable(auth), ours);
    }

    /** How long after it was given to see to the next, drawn once; empty for one without an end. */
    Optional<Duration> renewAfter(RandomGenerator random) {
        return lease.map(life -> Duration.ofMillis(
                Math.max(AFTER_MILLIS_MIN, (long) (life.toMillis() * random.nextDouble(AT_FROM, AT_TO)))));
    }

    /** Whether a renewal gave clearly less than {@code full}, the lease of the login: the end of all renewals (its maximum life) is near. */
    boolean nearItsEnd(Optional<Duration> full) {
        return lease.isPresent()
                && full.isPresent()
                && lease.get().compareTo(full.get().dividedBy(2)) < 0;
    }

    private static boolean renewable(Map<String, Object> fields) {
        return Boolean.TRUE.equals(fields.get("renewable"));
    }

    private static Optional<Duration> lease(@Nullable Object seconds) {
        return seconds instanceof Long s && s > 0 ? Optional.of(Duration.ofSeconds(s)) : Optional.empty();
    }

    /** Its lease; never the token. */
    @Override
    public String toString() {
        return "vault token, lease " + lease.map(Duration::toString).orElse("without end");
    }
}
