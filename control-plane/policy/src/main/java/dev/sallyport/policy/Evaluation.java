package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One decision's view of the facts: each is asked for at most once, and a user only by a rule that looks at one. One thread. */
final class Evaluation {
    private final Mesh mesh;
    private final Map<SpiffeId, String> names;
    private final RequestFacts facts;
    private final Instant now;

    private @Nullable String method;
    private @Nullable String path;
    private boolean callerKnown;
    private @Nullable SpiffeId caller;
    private @Nullable UserFact user;

    /** {@code names}: the Mesh's services by identity. */
    Evaluation(Mesh mesh, Map<SpiffeId, String> names, RequestFacts facts, Instant now) {
        this.mesh = mesh;
        this.names = names;
        this.facts = facts;
        this.now = now;
    }

    String method() {
        String known = method;
        if (known == null) {
            known = facts.method();
            method = known;
        }
        return known;
    }

    String path() {
        String known = path;
        if (known == null) {
            known = facts.path();
            path = known;
        }
        return known;
    }

    Optional<SpiffeId> caller() {
        if (!callerKnown) {
            caller = facts.caller().orElse(null);
            callerKnown = true;
        }
        return Optional.ofNullable(caller);
    }

    /** The service that the Mesh declares under the caller's identity, compared exactly. */
    Optional<String> callerName() {
        return caller().map(names::get);
    }

    UserFact user() {
        UserFact known = user;
        if (known == null) {
            known = still(facts.user());
            user = known;
        }
        return known;
    }

    /** A cached proof may outlive its token or its issuer's place in the Mesh; what the Mesh says now counts. */
    private UserFact still(UserFact fact) {
        if (!(fact instanceof UserFact.Verified(User proven))) {
            return fact;
        }
        Mesh.Issuer issuer = mesh.issuers().get(proven.issuer());
        if (issuer == null) {
            return new UserFact.Bad(Reason.TOKEN_ISSUER);
        }
        boolean expired = !now.minus(issuer.clockSkew()).isBefore(proven.expiresAt());
        return expired ? new UserFact.Bad(Reason.TOKEN_EXPIRED) : fact;
    }
}
