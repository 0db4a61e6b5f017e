package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh.ClaimType;
import dev.sallyport.policy.RoutePolicy.Callers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One thing that a rule demands. {@link PolicySet#decide} and {@link PolicySet#explain} ask the same conditions in the
 * same order, so that an explanation cannot differ from the decision.
 */
sealed interface Condition {
    /** How far a rule got when a condition failed; declared in order. */
    enum Stage {
        CALLER,
        TOKEN,
        CLAIMS
    }

    Stage stage();

    /** {@link Reason#ALLOWED} when it holds. */
    Reason verdict(Evaluation evaluation);

    /** The key of the document that states it. */
    String name();

    /** What the document states. */
    String expected();

    /** What the request has; never a token. */
    String actual(Evaluation evaluation);

    /** {@code from}: identities are compared exactly, never by pattern. */
    record From(Callers callers) implements Condition {
        @Override
        public Stage stage() {
            return Stage.CALLER;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            Optional<SpiffeId> caller = evaluation.caller();
            if (evaluation.callerName().isEmpty()) {
                return Reason.CALLER_UNKNOWN;
            }
            boolean named = callers.anyMesh()
                    || (caller.isPresent() && callers.identities().contains(caller.get()));
            return named ? Reason.ALLOWED : Reason.CALLER_NOT_ALLOWED;
        }

        @Override
        public String name() {
            return "from";
        }

        @Override
        public String expected() {
            return callers.names().toString();
        }

        @Override
        public String actual(Evaluation evaluation) {
            return evaluation
                    .callerName()
                    .or(() -> evaluation.caller().map(SpiffeId::toString))
                    .orElse("no client certificate");
        }
    }

    /** {@code user: none}: holds, and asks nothing of anybody. */
    record NoUser() implements Condition {
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

    /** A good token, of {@code issuer} if there is one; {@code optional}: or no token at all. */
    record Token(boolean optional, Optional<String> issuer) implements Condition {
        @Override
        public Stage stage() {
            return Stage.TOKEN;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            return switch (evaluation.user()) {
                case UserFact.Absent _ -> optional ? Reason.ALLOWED : Reason.TOKEN_MISSING;
                case UserFact.Bad(Reason reason) -> reason;
                // Caller and issuer are one predicate: another issuer's good token is no token for this rule.
                case UserFact.Verified(User user) ->
                    issuer.isEmpty() || issuer.get().equals(user.issuer()) ? Reason.ALLOWED : Reason.TOKEN_ISSUER;
            };
        }

        @Override
        public String name() {
            return "user";
        }

        @Override
        public String expected() {
            return issuer.map(name -> "a token of issuer " + name)
                    .orElse(optional ? "no token, or a good one" : "a good token");
        }

        @Override
        public String actual(Evaluation evaluation) {
            return switch (evaluation.user()) {
                case UserFact.Absent _ -> "no token";
                case UserFact.Bad(Reason reason) -> "a refused token: " + reason.code();
                case UserFact.Verified(User user) -> user.subject() + " of issuer " + user.issuer();
            };
        }
    }

    /** {@code subject}: exactly this user. */
    record Subject(String subject) implements Condition {
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
    record Roles(boolean all, Set<String> roles) implements Condition {
        @Override
        public Stage stage() {
            return Stage.CLAIMS;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            List<String> has = proven(evaluation).roles();
            boolean holds = all ? has.containsAll(roles) : has.stream().anyMatch(roles::contains);
            return holds ? Reason.ALLOWED : Reason.ROLE_MISSING;
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
    record Scopes(Set<String> scopes) implements Condition {
        @Override
        public Stage stage() {
            return Stage.CLAIMS;
        }

        @Override
        public Reason verdict(Evaluation evaluation) {
            return proven(evaluation).scopes().containsAll(scopes) ? Reason.ALLOWED : Reason.SCOPE_MISSING;
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
    record Claim(String claim, ClaimType type, String value) implements Condition {
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
