package dev.sallyport.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Which user a rule sees: by a token of the user's own, or, where hop tokens count, by what another service carried here. */
final class Proven {
    private static final UserFact TWO_USERS = new UserFact.Bad(Reason.TOKEN_INVALID);

    private Proven() {}

    /** {@code carriedCounts}: a hop token does. Two tokens of two users are a doubt about every user of the request, wherever one is looked at. */
    static UserFact of(RequestFacts facts, boolean carriedCounts, MeshIndex mesh, Instant now) {
        UserFact own = still(facts.user(), mesh, now);
        if (own instanceof UserFact.Absent) {
            return carriedCounts ? carried(facts, mesh, now) : own;
        }
        if (!(own instanceof UserFact.Verified(User user))) {
            return own;
        }
        return switch (carried(facts, mesh, now)) {
            case UserFact.Absent _ -> own;
            case UserFact.Verified(User other) -> user.isSameAs(other) ? own : TWO_USERS;
            case UserFact.Bad bad -> carriedCounts ? bad : own;
            case UserFact.Unjudged unjudged -> carriedCounts ? unjudged : own;
        };
    }

    /** Nobody vouches for a user but a service that the issuer lists: another one could make users up. */
    private static UserFact carried(RequestFacts facts, MeshIndex mesh, Instant now) {
        UserFact fact = still(facts.carriedUser(), mesh, now);
        if (!(fact instanceof UserFact.Verified(User user))) {
            return fact;
        }
        boolean vouched = !user.carriedBy().isEmpty()
                && mesh.issuer(user.issuer())
                        .filter(issuer -> issuer.hopTokens()
                                .verifiedBy()
                                .contains(user.carriedBy().getFirst()))
                        .isPresent();
        return vouched ? fact : new UserFact.Bad(Reason.TOKEN_CHAIN);
    }

    /** A cached proof may outlive its token or its issuer's place in the Mesh; what the Mesh says now counts. */
    private static UserFact still(UserFact fact, MeshIndex mesh, Instant now) {
        if (!(fact instanceof UserFact.Verified(User proven))) {
            return fact;
        }
        Optional<Mesh.Issuer> issuer = mesh.issuer(proven.issuer());
        if (issuer.isEmpty()) {
            return new UserFact.Bad(Reason.TOKEN_ISSUER);
        }
        Duration skew = proven.carriedBy().isEmpty() ? issuer.get().clockSkew() : Mesh.HopTokens.CLOCK_SKEW;
        if (!now.minus(skew).isBefore(proven.expiresAt())) {
            return new UserFact.Bad(Reason.TOKEN_EXPIRED);
        }
        boolean tooOld = issuer.get().maxTokenAge().isPresent()
                && now.minus(issuer.get().maxTokenAge().get()).isAfter(proven.issuedAt());
        return tooOld ? new UserFact.Bad(Reason.TOKEN_TOO_OLD) : fact;
    }
}
