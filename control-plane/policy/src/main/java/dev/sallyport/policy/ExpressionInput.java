package dev.sallyport.policy;

import dev.sallyport.policy.Mesh.ClaimType;
import java.util.List;
import java.util.Optional;

/** One fact that a condition reads, known when it is accepted: names of headers, parameters, variables and claims are literals. */
sealed interface ExpressionInput {
    /** UTF-16 units of a text that a condition may hold. */
    int TEXT_CHARS_MAX = 4096;

    /** Items of a list that a condition may hold. */
    int LIST_ITEMS_MAX = 64;

    /** The value; empty when it is absent. DoubtException when it is there and not to be trusted. */
    Optional<Object> read(ExpressionFacts facts);

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
        SCOPES;

        @Override
        public Optional<Object> read(ExpressionFacts facts) {
            return Optional.of(
                    switch (this) {
                        case METHOD -> text(facts.method());
                        case HOST -> text(facts.host());
                        case PATH -> text(facts.path());
                        case CALLER_ID -> text(facts.callerId());
                        case CALLER_SERVICE -> text(facts.callerService());
                        case NOW -> facts.now();
                        case SUBJECT -> text(facts.user().subject());
                        case ISSUER -> text(facts.user().issuer());
                        case ROLES -> texts(facts.user().roles());
                        case SCOPES -> texts(facts.user().scopes());
                    });
        }

        boolean ofUser() {
            return compareTo(SUBJECT) >= 0;
        }
    }

    /** {@code request.headers['x']}. */
    record Header(String name) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) {
            List<String> values = facts.headers(name);
            if (values.size() > 1) {
                // Two readers could take one each: the value that was judged is not the value that is used.
                throw new DoubtException("header " + name + ": repeated (expected: once)");
            }
            return values.isEmpty() ? Optional.empty() : Optional.of(text(values.getFirst()));
        }
    }

    /** {@code request.query['x']}. */
    record Query(String name) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) {
            return facts.query(name).map(ExpressionInput::text);
        }
    }

    /** {@code path.x}. */
    record PathVariable(String name) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) {
            return Optional.of(text(facts.pathVariable(name)));
        }
    }

    /** {@code user.claims.x}, of the type that the condition was checked with; where only its presence counts, of any. */
    record Claim(String name, Optional<ClaimType> type) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) {
            Object value = facts.user().claims().get(name);
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

    /** {@code 'x' in request.headers}, {@code has(user.claims.x)}. A value that is in doubt is no presence. */
    record Presence(ExpressionInput of) implements ExpressionInput {
        @Override
        public Optional<Object> read(ExpressionFacts facts) {
            return Optional.of(of.read(facts).isPresent());
        }
    }

    private static String text(String value) {
        if (value.length() > TEXT_CHARS_MAX) {
            throw new DoubtException("a text of " + value.length() + " (expected: at most " + TEXT_CHARS_MAX + ")");
        }
        return value;
    }

    private static List<?> texts(List<?> items) {
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
