package dev.sallyport.policy;

import dev.sallyport.policy.Mesh.ClaimType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a rule demands of the user; {@link Token} first. */
sealed interface UserCondition extends Condition {
    /** {@code user: none}: holds, and asks nothing of anybody. */
    record NoUser() implements UserCondition {
        @Override
        public Stage stage() {
            return Stage.TOKEN;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            return Reason.ALLOWED;
        }

        @Override
        public String name() {
            return "user";
        }

        @Override
        public String expected() {
            return "none";
        }

        @Override
        public String actual(Evaluation evaluation) {
            return "not looked at";
        }
    }

    /** A good token, of {@code issuer} if there is one, or a hop token that came as {@code via} says; {@code optional}: or no token at all. */
    record Token(boolean optional, Optional<String> issuer, Optional<RoutePolicy.Via> via) implements UserCondition {
        @Override
        public Stage stage() {
            return Stage.TOKEN;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            return switch (evaluation.user()) {
                case UserFact.Absent _ -> optional ? Reason.ALLOWED : Reason.TOKEN_MISSING;
                case UserFact.Bad(Reason reason) -> reason;
                case UserFact.Unjudged _ -> Reason.RATE_LIMITED;
                case UserFact.Verified(User user) -> verdict(user);
            };
        }

        /** Caller and issuer are one predicate: another issuer's good token is no token for this rule. */
        private Reason verdict(User user) {
            if (issuer.isPresent() && !issuer.get().equals(user.issuer())) {
                return Reason.TOKEN_ISSUER;
            }
            boolean own = user.carriedBy().isEmpty();
            return own || (via.isPresent() && via.get().admits(user.carriedBy())) ? Reason.ALLOWED : Reason.TOKEN_CHAIN;
        }

        @Override
        public String name() {
            return "user";
        }

        @Override
        public String expected() {
            String own = issuer.map(name -> "a token of issuer " + name)
                    .orElse(optional ? "no token, or a good one" : "a good token");
            return via.map(said -> own + " (or carried by " + said.from() + " in at most " + said.maxHops() + " hops)")
                    .orElse(own);
        }

        @Override
        public String actual(Evaluation evaluation) {
            return switch (evaluation.user()) {
                case UserFact.Absent _ ->
                    via.isPresent() || evaluation.facts().carriedUser() instanceof UserFact.Absent
                            ? "no token"
                            : "no token of the user's own; the hop token counts only where via says so";
                case UserFact.Bad(Reason reason) -> "a refused token: " + reason.code();
                case UserFact.Unjudged _ -> "a token that nobody looked at: its caller sent too many new ones";
                case UserFact.Verified(User user) ->
                    user.subject() + " of issuer " + user.issuer()
                            + (user.carriedBy().isEmpty() ? "" : ", carried by " + user.carriedBy());
            };
        }
    }

    /** {@code maxTokenAge} of a rule: from {@code iat}, without leeway. */
    record TokenAge(Duration max) implements UserCondition {
        @Override
        public Stage stage() {
            return Stage.TOKEN;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            Instant oldest = evaluation.now().minus(max);
            return proven(evaluation).issuedAt().isBefore(oldest) ? Reason.TOKEN_TOO_OLD : Reason.ALLOWED;
        }

        @Override
        public String name() {
            return "maxTokenAge";
        }

        @Override
        public String expected() {
            return "at most " + max.toSeconds() + " s";
        }

        @Override
        public String actual(Evaluation evaluation) {
            return "issued " + proven(evaluation).issuedAt() + ", judged " + evaluation.now();
        }
    }

    /** {@code subject}: exactly this user. */
    record Subject(String subject) implements UserCondition {
        @Override
        public Stage stage() {
            return Stage.CLAIMS;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            return proven(evaluation).subject().equals(subject) ? Reason.ALLOWED : Reason.CLAIM_MISMATCH;
        }

        @Override
        public String name() {
            return "subject";
        }

        @Override
        public String expected() {
            return subject;
        }

        @Override
        public String actual(Evaluation evaluation) {
            return proven(evaluation).subject();
        }
    }

    /** {@code anyRole}, {@code allRoles}: at least one of them, or each. */
    record Roles(boolean all, List<String> roles) implements UserCondition {
        @Override
        public Stage stage() {
            return Stage.CLAIMS;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            return holds(proven(evaluation).roles()) ? Reason.ALLOWED : Reason.ROLE_MISSING;
        }

        private boolean holds(List<String> has) {
            for (int i = 0; i < roles.size(); i++) { // no iterator: one for each decision would be garbage
                if (has.contains(roles.get(i)) != all) {
                    return !all;
                }
            }
            return all;
        }

        @Override
        public String name() {
            return all ? "allRoles" : "anyRole";
        }

        @Override
        public String expected() {
            return (all ? "all of " : "one of ") + roles;
        }

        @Override
        public String actual(Evaluation evaluation) {
            return proven(evaluation).roles().toString();
        }
    }

    /** {@code scopes}: each of them. */
    record Scopes(List<String> scopes) implements UserCondition {
        @Override
        public Stage stage() {
            return Stage.CLAIMS;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            List<String> has = proven(evaluation).scopes();
            for (int i = 0; i < scopes.size(); i++) {
                if (!has.contains(scopes.get(i))) {
                    return Reason.SCOPE_MISSING;
                }
            }
            return Reason.ALLOWED;
        }

        @Override
        public String name() {
            return "scopes";
        }

        @Override
        public String expected() {
            return "all of " + scopes;
        }

        @Override
        public String actual(Evaluation evaluation) {
            return proven(evaluation).scopes().toString();
        }
    }

    /** One of the {@code claims:} of a rule: the declared claim has this value, or, if it is a list, holds it. */
    record Claim(String claim, ClaimType type, String value) implements UserCondition {
        @Override
        public Stage stage() {
            return Stage.CLAIMS;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            Map<String, Object> claims = proven(evaluation).claims();
            return ClaimTypes.holds(claims, type, claim, value) ? Reason.ALLOWED : Reason.CLAIM_MISMATCH;
        }

        @Override
        public String name() {
            return "claims." + claim;
        }

        @Override
        public String expected() {
            return value;
        }

        @Override
        public String actual(Evaluation evaluation) {
            Object actual = proven(evaluation).claims().get(claim);
            return switch (actual) {
                case null -> "absent";
                case List<?> items -> items.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]"));
                default -> actual.toString();
            };
        }
    }

    /** The user of a rule whose {@link Token} held before; anything else is our own mistake, and denies. */
    private static User proven(Evaluation evaluation) {
        if (evaluation.user() instanceof UserFact.Verified(User user)) {
            return user;
        }
        throw new IllegalStateException("a claim was asked for before a token held");
    }
}
