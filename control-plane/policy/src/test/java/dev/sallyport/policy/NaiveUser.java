package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a rule wants of the user, and why a token does not give it. */
final class NaiveUser {
    private NaiveUser() {}

    /** Whether a hop token counts. */
    static boolean carried(UserRequirement wanted) {
        return wanted instanceof UserRequirement.Conditions conditions
                && conditions.via().isPresent();
    }

    /** Whether there is a token, and it is none that a rule could accept. */
    static boolean bad(Mesh mesh, UserFact fact, Instant now) {
        return !(fact instanceof UserFact.Absent) && proof(mesh, fact, now).isPresent();
    }

    /** Why the requirement does not hold; empty when it does. */
    static Optional<Reason> failure(Mesh mesh, UserRequirement wanted, RequestFacts facts, Instant now) {
        return switch (wanted) {
            case UserRequirement.None _ -> Optional.empty();
            case UserRequirement.OptionalUser _ ->
                facts.user() instanceof UserFact.Absent ? Optional.empty() : proof(mesh, facts.user(), now);
            case UserRequirement.Required _ -> proof(mesh, facts.user(), now);
            case UserRequirement.Conditions conditions ->
                proof(mesh, facts.user(), now).or(() -> conditions(mesh, conditions, facts.user(), now));
        };
    }

    /** A good token is one of an issuer of the mesh, not past its end and not older than the issuer allows. */
    private static Optional<Reason> proof(Mesh mesh, UserFact fact, Instant now) {
        return switch (fact) {
            case UserFact.Absent _ -> Optional.of(Reason.TOKEN_MISSING);
            case UserFact.Bad(Reason reason) -> Optional.of(reason);
            case UserFact.Unjudged _ -> Optional.of(Reason.RATE_LIMITED);
            case UserFact.Verified(User user) -> {
                if (!mesh.issuers().containsKey(user.issuer())) {
                    yield Optional.of(Reason.TOKEN_ISSUER);
                }
                Mesh.Issuer issuer = present(mesh.issuers().get(user.issuer()));
                if (!now.isBefore(user.expiresAt().plus(issuer.clockSkew()))) {
                    yield Optional.of(Reason.TOKEN_EXPIRED);
                }
                yield tooOld(user, issuer.maxTokenAge(), now);
            }
        };
    }

    /** Counted from {@code iat}, without leeway. */
    private static Optional<Reason> tooOld(User user, Optional<Duration> max, Instant now) {
        return max.isPresent() && Duration.between(user.issuedAt(), now).compareTo(max.get()) > 0
                ? Optional.of(Reason.TOKEN_TOO_OLD)
                : Optional.empty();
    }

    private static Optional<Reason> conditions(
            Mesh mesh, UserRequirement.Conditions wanted, UserFact fact, Instant now) {
        User user = ((UserFact.Verified) fact).user();
        if (!wanted.issuer().equals(user.issuer())) {
            return Optional.of(Reason.TOKEN_ISSUER);
        }
        if (tooOld(user, wanted.maxTokenAge(), now).isPresent()) {
            return Optional.of(Reason.TOKEN_TOO_OLD);
        }
        if (wanted.subject().isPresent() && !wanted.subject().get().equals(user.subject())) {
            return Optional.of(Reason.CLAIM_MISMATCH);
        }
        boolean any = wanted.anyRole().isEmpty();
        for (String role : wanted.anyRole()) {
            any |= user.roles().contains(role);
        }
        if (!any || !user.roles().containsAll(wanted.allRoles())) {
            return Optional.of(Reason.ROLE_MISSING);
        }
        if (!user.scopes().containsAll(wanted.scopes())) {
            return Optional.of(Reason.SCOPE_MISSING);
        }
        Map<String, Mesh.ClaimType> types =
                present(mesh.issuers().get(wanted.issuer())).claims();
        boolean claims = wanted.claims().keySet().stream()
                .allMatch(claim -> claimHolds(
                        present(types.get(claim)),
                        user.claims().get(claim),
                        present(wanted.claims().get(claim))));
        return claims ? Optional.empty() : Optional.of(Reason.CLAIM_MISMATCH);
    }

    private static boolean claimHolds(Mesh.ClaimType type, @Nullable Object has, String wanted) {
        return switch (type) {
            case STRING -> wanted.equals(has);
            case BOOL -> Boolean.valueOf(wanted).equals(has);
            case INT -> Long.valueOf(wanted).equals(has);
            case STRINGS -> has instanceof List<?> list && list.contains(wanted);
        };
    }

    private static <T> T present(@Nullable T value) {
        return Objects.requireNonNull(value);
    }
}
