package dev.sallyport.proxy.token;

import dev.sallyport.policy.Reason;
import dev.sallyport.policy.UserFact;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What tokens have proven, and which were refused, by their SHA-256; bounded, the one that was asked for longest ago goes first. Event loop only. */
final class Proofs<P> {
    /** About a kilobyte each: of the users of minutes, not of seconds, for one that is forgotten is verified and vouched for again. */
    private static final int PROVEN_MAX = 4096;

    private static final int REFUSED_MAX = 256;
    /** A forged token costs a signature check once per this time, not once per request. */
    private static final Duration REFUSED_LIFE = Duration.ofSeconds(30);

    private record Refused(TokenResult result, Instant until) {}

    private final Map<TokenDigest, P> proven = bounded(PROVEN_MAX);
    private final Map<TokenDigest, Refused> refused = bounded(REFUSED_MAX);

    private static <V> Map<TokenDigest, V> bounded(int max) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<TokenDigest, V> eldest) {
                return size() > max;
            }
        };
    }

    @Nullable
    P proven(TokenDigest digest) {
        return proven.get(digest);
    }

    /** The same refusal as before, while it is young. */
    Optional<TokenResult> refused(TokenDigest digest, Instant now) {
        Refused known = refused.get(digest);
        return known != null && now.isBefore(known.until()) ? Optional.of(known.result()) : Optional.empty();
    }

    void keep(TokenDigest digest, P proof) {
        proven.put(digest.copy(), proof);
    }

    /** What was not judged at all, and what a moment or a new key may make good, is asked again. */
    void refuse(TokenDigest digest, TokenResult result, Instant now) {
        if (result.fact() instanceof UserFact.Bad(Reason reason) && reason != Reason.TOKEN_KEY_UNKNOWN) {
            refused.put(digest.copy(), new Refused(result, now.plus(REFUSED_LIFE)));
        }
    }

    /** The world has changed: refusals are forgotten, and proofs that do not stand any more. */
    void keepOnly(Predicate<P> stands) {
        refused.clear();
        proven.values().removeIf(stands.negate());
    }
}
