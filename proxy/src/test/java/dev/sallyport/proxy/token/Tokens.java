package dev.sallyport.proxy.token;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A verifier for whose peers nothing is too much, and which is asked with Authorization fields and issuers by URL; the same map is the same snapshot. */
final class Tokens {
    private final TokenVerifier verifier = new TokenVerifier(_ -> {}, new SeenTokens());
    private Map<String, IssuerKeys> last = Map.of();
    private TokenIssuers snapshot = TokenIssuers.NONE;

    @SuppressWarnings("ReferenceEquality") // as a sidecar compares snapshots
    TokenResult verify(List<String> authorization, Map<String, IssuerKeys> issuers, Instant now) {
        if (last != issuers) {
            last = issuers;
            snapshot = new TokenIssuers(issuers);
        }
        return verifier.verify(authorization, snapshot, now);
    }
}
