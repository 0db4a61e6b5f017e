package dev.sallyport.policy;

import dev.sallyport.policy.Mesh.ClaimType;
import java.util.List;
import java.util.Optional;

/** One value that a condition reads, known when it is accepted: names of headers, parameters, variables and claims are literals. */
sealed interface ExpressionInput {
    /** Of a text that a condition may hold, in UTF-16 units. */
    int TEXT_CHARACTERS_MAX = Evaluation.VALUE_CHARACTERS_MAX;

    /** Items of a list that a condition may hold. */
    int LIST_ITEMS_MAX = 64;

    /** The value; empty when it is absent. DoubtException when it is there and not to be trusted. */
    Optional<Object> read(ExpressionFacts facts) throws DoubtException;

    /** What every request or every proven user has. */
    enum Given implements ExpressionInput {
        METHOD,
        HOST,
        PATH,
        CALLER_ID,
        CALLER_SERVICE,
        NOW,
        SUBJECT,
        ISSUER,
        ROLES,
        SCOPES,
        VIA;

        @Override
        public Optional<Object> read(ExpressionFacts facts) throws DoubtException {
            return Optional.of(
                    switch (this) {
                        case METHOD -> text(facts.method());
                        case HOST -> text(facts.host());
                        case PATH -> text(facts.path());
                        case CALLER_ID -> text(facts.callerId());
                        case CALLER_SERVICE -> text(facts.callerService());
                        case NOW -> facts.now();
                        case SUBJECT -> text(proven(facts).subject());
                        case ISSUER -> text(proven(facts).issuer());
                        case ROLES -> texts(proven(facts).roles());
                        case SCOPES -> texts(proven(facts).scopes());
                        case VIA -> texts(proven(facts).carriedBy());
                    });
        }

        boolean ofUser() {
            return compareTo(SUBJECT) >= 0;
        }
    }

    /** {@code request.headers['x']}. */
    record Header(String name) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) throws DoubtException {
            return text(facts.header(name));
        }
    }

    /** {@code request.query['x']}. */
    record Query(String name) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) throws DoubtException {
            return text(facts.query(name));
        }
    }

    /** {@code path.x}. */
    record PathVariable(String name) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) throws DoubtException {
            return text(facts.pathVariable(name));
        }
    }

    /** {@code user.claims.x}, of the type that the condition was checked with; where only its presence counts, of any. */
    record Claim(String name, Optional<ClaimType> type) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) throws DoubtException {
            Object value = proven(facts).claims().get(name);
            if (value == null) {
                return Optional.empty();
            }
            ClaimType actual = switch (value) {
                case String text -> {
                    text(text);
                    yield ClaimType.STRING;
                }
                case Boolean _ -> ClaimType.BOOL;
                case Long _ -> ClaimType.INT;
                case List<?> items -> {
                    texts(items);
                    yield ClaimType.STRINGS;
                }
                default -> throw new DoubtException("claim " + name + ": of no type that a Mesh can declare");
            };
            if (!type.orElse(actual).equals(actual)) {
                // "3" is not 3, so that != would hold for every value of the wrong type.
                throw new DoubtException("claim " + name + ": " + actual + " (expected: " + type.orElse(actual) + ")");
            }
            return Optional.of(value);
        }
    }

    /** No fact: a point in time or a duration that the text says, read once. */
    record Literal(Object value) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) {
            return Optional.of(value);
        }
    }

    /** {@code 'x' in request.headers}, {@code has(user.claims.x)}. A value that is in doubt is no presence. */
    record Presence(ExpressionInput of) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) throws DoubtException {
            return Optional.of(of.read(facts).isPresent());
        }
    }

    private static User proven(ExpressionFacts facts) throws DoubtException {
        if (facts.user() instanceof UserFact.Verified(User user)) {
            return user;
        }
        throw new DoubtException("no user is proven");
    }

    private static Optional<Object> text(Optional<String> value) throws DoubtException {
        return value.isEmpty() ? Optional.empty() : Optional.of(text(value.get()));
    }

    private static String text(String value) throws DoubtException {
        if (value.length() > TEXT_CHARACTERS_MAX) {
            throw new DoubtException(
                    "a text of " + value.length() + " (expected: at most " + TEXT_CHARACTERS_MAX + ")");
        }
        return value;
    }

    private static List<?> texts(List<?> items) throws DoubtException {
        if (items.size() > LIST_ITEMS_MAX) {
            throw new DoubtException("a list of " + items.size() + " (expected: at most " + LIST_ITEMS_MAX + ")");
        }
        for (Object item : items) {
            if (!(item instanceof String value)) {
                throw new DoubtException("a list item of another type (expected: a text)");
            }
            text(value);
        }
        return items;
    }
}
