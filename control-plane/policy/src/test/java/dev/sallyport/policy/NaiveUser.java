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

    private static final Duration HOP_LEEWAY = Duration.ofSeconds(5);

    /** Whether a hop token counts. */
    static boolean carried(UserRequirement wanted) {
        return wanted instanceof UserRequirement.Conditions conditions
                && conditions.via().isPresent();
    }

    /** Whether there is a token of either kind that no rule could accept, or two of two users. */
    static boolean bad(Mesh mesh, RequestFacts facts, Instant now) {
        boolean none = facts.user() instanceof UserFact.Absent && facts.carriedUser() instanceof UserFact.Absent;
        return !none && doubt(mesh, facts, true, now).isPresent();
    }

    /** Whose rights count, once nothing is in doubt: a token of the user's own comes first. */
    static User seen(RequestFacts facts) {
        UserFact fact = facts.user() instanceof UserFact.Absent ? facts.carriedUser() : facts.user();
        return ((UserFact.Verified) fact).user();
    }

    /** Why the requirement does not hold; empty when it does. */
    static Optional<Reason> failure(Mesh mesh, UserRequirement wanted, RequestFacts facts, Instant now) {
        return switch (wanted) {
            case UserRequirement.None _ -> Optional.empty();
            case UserRequirement.OptionalUser _ ->
                facts.user() instanceof UserFact.Absent ? Optional.empty() : doubt(mesh, facts, false, now);
            case UserRequirement.Required _ -> doubt(mesh, facts, false, now);
            case UserRequirement.Conditions conditions ->
                doubt(mesh, facts, carried(conditions), now).or(() -> conditions(mesh, conditions, seen(facts), now));
        };
    }

    /** Two good tokens of two users prove none. Else the user's own has to be good; where {@code hops} count, so has the hop token, one of them being enough. */
    private static Optional<Reason> doubt(Mesh mesh, RequestFacts facts, boolean hops, Instant now) {
        Optional<Reason> own = proof(mesh, facts.user(), now);
        Optional<Reason> hop = proof(mesh, facts.carriedUser(), now).or(() -> voucher(mesh, facts.carriedUser()));
        if (own.isEmpty() && hop.isEmpty()) {
            User one = ((UserFact.Verified) facts.user()).user();
            User other = ((UserFact.Verified) facts.carriedUser()).user();
            boolean same = one.issuer().equals(other.issuer()) && one.subject().equals(other.subject());
            return same ? Optional.empty() : Optional.of(Reason.TOKEN_INVALID);
        }
        boolean hopThere = hops && !(facts.carriedUser() instanceof UserFact.Absent);
        boolean ownThere = !(facts.user() instanceof UserFact.Absent);
        return ownThere ? own.or(() -> hopThere ? hop : Optional.empty()) : hopThere ? hop : own;
    }

    /** The first service of the chain has verified the user's own token. */
    private static Optional<Reason> voucher(Mesh mesh, UserFact hop) {
        User user = ((UserFact.Verified) hop).user();
        return present(mesh.issuers().get(user.issuer()))
                        .hopTokens()
                        .verifiedBy()
                        .contains(user.carriedBy().get(0))
                ? Optional.empty()
                : Optional.of(Reason.TOKEN_CHAIN);
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
                Duration leeway = user.carriedBy().isEmpty() ? issuer.clockSkew() : HOP_LEEWAY;
                if (!now.isBefore(user.expiresAt().plus(leeway))) {
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

    private static Optional<Reason> conditions(Mesh mesh, UserRequirement.Conditions wanted, User user, Instant now) {
        if (!wanted.issuer().equals(user.issuer())) {
            return Optional.of(Reason.TOKEN_ISSUER);
        }
        if (!user.carriedBy().isEmpty()
                && !travelled(user.carriedBy(), wanted.via().orElseThrow())) {
            return Optional.of(Reason.TOKEN_CHAIN);
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

    /** Whoever verified and whoever carried, but for the caller, is named; each service of the chain is a hop. */
    private static boolean travelled(List<String> chain, RoutePolicy.Via via) {
        List<String> before = chain.size() == 1 ? chain : chain.subList(0, chain.size() - 1);
        return via.from().containsAll(before) && chain.size() <= via.maxHops();
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
