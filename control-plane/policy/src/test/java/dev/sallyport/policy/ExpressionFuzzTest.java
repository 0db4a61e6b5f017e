package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Expression.Outcome;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whatever a document, a snapshot or a request holds: one of three outcomes, no exception. */
class ExpressionFuzzTest {
    private static final long SEED = 20261124;

    @Test
    void randomConditionOverRandomFactsHasOneOutcome() {
        SplittableRandom random = new SplittableRandom(SEED);
        Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
        for (int i = 0; i < 1000; i++) {
            String source = bool(random, 4, false);
            Optional<Expression> expression = accepted(source);
            for (int j = 0; j < 5 && expression.isPresent(); j++) {
                seen.merge(expression.get().test(facts(random)), 1, Integer::sum);
            }
        }
        // Otherwise the generator has become too narrow to prove anything.
        assertThat(seen.values())
                .hasSize(3)
                .allSatisfy(count -> assertThat(count).isGreaterThan(150));
    }

    /** With each bit of a snapshot under an attacker's hand: refused, or one outcome. */
    @Test
    void brokenExpressionIsRefusedOrHasOneOutcome() {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] good = Base64.getDecoder()
                .decode(TestConditions.checked("user.roles.exists(r, r == request.headers['x']) || path.id in ['7']"
                        + " && int(request.query['n']) + 1 < 10 && has(user.claims.dept)"));
        int usable = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] broken = good.clone();
            for (int change = 0; change <= random.nextInt(3); change++) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            try {
                Expression.of(Base64.getEncoder().encodeToString(broken)).test(facts(random));
                usable++;
            } catch (IllegalArgumentException refused) {
                assertThat(refused).as("seed %d, change %d", SEED, i).hasMessageContaining("expected: ");
            }
        }
        assertThat(usable).as("seed %d", SEED).isBetween(100, 4_900);
    }

    /** Replacing a good fact by one in doubt never turns a condition true, nor a false one into a true one. */
    @Test
    void doubtNeverWidens() {
        SplittableRandom random = new SplittableRandom(SEED);
        int compared = 0;
        for (int i = 0; i < 1000; i++) {
            Optional<Expression> expression = accepted(bool(random, 4, false));
            if (expression.isEmpty()) {
                continue;
            }
            TestExpressionFacts good = facts(random);
            Outcome before = expression.get().test(good);
            for (String name : expression.get().inputs().headers()) {
                Outcome after = expression.get().test(good.repeating(name));
                assertThat(after).as("seed %d, condition %d", SEED, i).isIn(before, Outcome.ERROR);
                compared++;
            }
        }
        assertThat(compared).as("seed %d", SEED).isGreaterThan(300);
    }

    private static Optional<Expression> accepted(String source) {
        try {
            return Optional.of(TestConditions.expression(source));
        } catch (IllegalArgumentException refused) {
            return Optional.empty(); // too large, or a loop in a loop
        }
    }

    private static TestExpressionFacts facts(SplittableRandom random) {
        Map<String, List<String>> headers = IntStream.range(0, random.nextInt(4))
                .boxed()
                .collect(Collectors.toMap(
                        i -> "h" + i, _ -> Collections.nCopies(random.nextInt(10) == 0 ? 2 : 1, word(random))));
        Map<String, List<String>> query = random.nextBoolean() ? Map.of("q", List.of(word(random))) : Map.of();
        return new TestExpressionFacts(
                headers, query, random.nextInt(8) == 0 ? Optional.empty() : Optional.of(TestExpressionFacts.ALICE));
    }

    private static String word(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> "";
            case 1 -> Integer.toString(random.nextInt(-5, 5));
            case 2 -> "a".repeat(random.nextInt(5000));
            case 3 -> "finance";
            default -> "\u0000\uD800\u202E";
        };
    }

    private static String bool(SplittableRandom random, int depth, boolean inLoop) {
        if (depth == 0) {
            return random.nextBoolean() ? "true" : "user.claims.mfa";
        }
        return switch (random.nextInt(10)) {
            case 0 -> "(" + bool(random, depth - 1, inLoop) + " || " + bool(random, depth - 1, inLoop) + ")";
            case 1 -> "(" + bool(random, depth - 1, inLoop) + " && " + bool(random, depth - 1, inLoop) + ")";
            case 2 -> "!(" + bool(random, depth - 1, inLoop) + ")";
            case 3 -> "'h" + random.nextInt(4) + "' in request.headers";
            case 4 -> "has(request.query.q)";
            case 5 -> text(random, depth - 1, inLoop) + " == " + text(random, depth - 1, inLoop);
            case 6 -> number(random, depth - 1, inLoop) + " < " + number(random, depth - 1, inLoop);
            case 7 -> text(random, depth - 1, inLoop) + ".contains(" + text(random, depth - 1, inLoop) + ")";
            case 8 -> text(random, depth - 1, inLoop) + " in " + list(random, depth - 1, inLoop);
            default ->
                list(random, depth - 1, inLoop) + "." + (random.nextBoolean() ? "exists" : "all") + "(e, "
                        + bool(random, depth - 1, true) + ")";
        };
    }

    private static String text(SplittableRandom random, int depth, boolean inLoop) {
        return switch (random.nextInt(depth == 0 ? 6 : 8)) {
            case 0 -> "request.headers['h" + random.nextInt(4) + "']";
            case 1 -> "request.query['q']";
            case 2 -> "path.id";
            case 3 -> inLoop ? "e" : "user.sub";
            case 4 -> "user.claims.dept";
            case 5 -> "'a'";
            case 6 -> "(" + text(random, depth - 1, inLoop) + " + " + text(random, depth - 1, inLoop) + ")";
            default -> "string(" + number(random, depth - 1, inLoop) + ")";
        };
    }

    private static String number(SplittableRandom random, int depth, boolean inLoop) {
        return switch (random.nextInt(depth == 0 ? 2 : 6)) {
            case 0 -> "user.claims.level";
            case 1 -> Integer.toString(random.nextInt(3));
            case 2 -> "int(" + text(random, depth - 1, inLoop) + ")";
            case 3 -> text(random, depth - 1, inLoop) + ".size()";
            case 4 -> "(" + number(random, depth - 1, inLoop) + " / " + number(random, depth - 1, inLoop) + ")";
            default -> "(" + number(random, depth - 1, inLoop) + " * 9223372036854775807)";
        };
    }

    private static String list(SplittableRandom random, int depth, boolean inLoop) {
        return switch (random.nextInt(depth == 0 ? 2 : 4)) {
            case 0 -> "user.roles";
            case 1 -> "['a', 'finance']";
            case 2 -> "(" + list(random, depth - 1, inLoop) + " + " + list(random, depth - 1, inLoop) + ")";
            default -> list(random, depth - 1, inLoop) + ".map(e, " + text(random, depth - 1, true) + ")";
        };
    }
}
