package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The evaluator and a naive one of test code, over random policies and requests of a small alphabet, so that they meet. */
class TwoEvaluatorsTest {
    private static final int PAIRS = 200_000;
    private static final int REQUESTS_PER_POLICY = 200;
    private static final List<String> SERVICES = List.of("web", "orders", "backoffice", "payment");
    private static final List<String> SEGMENTS = List.of("a", "b", "{x}", "{y}", "");
    private static final List<String> METHODS = List.of("GET", "POST");
    private static final List<String> WORDS = List.of("p", "q", "r");

    private final long seed = Long.getLong("sallyport.seed", System.nanoTime());
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(seed);

    @Test
    void sameAnswerForEveryRequest() {
        Map<Reason, Integer> seen = new EnumMap<>(Reason.class);
        int policies = 0;
        for (int pairs = 0; pairs < PAIRS; policies++) {
            Optional<DocumentSet> set = policy();
            if (set.isEmpty()) {
                continue; // two templates that cannot be told apart
            }
            PolicySet compiled = PolicySet.compile(set.get(), "payment");
            for (int i = 0; i < REQUESTS_PER_POLICY; i++, pairs++) {
                GivenFacts facts = request();
                Decision expected = NaiveEvaluator.decide(set.get(), "payment", facts, Facts.NOW);
                Decision actual = compiled.decide(facts, Facts.NOW);
                Decision explained = i == 0 ? compiled.explain(facts, Facts.NOW).decision() : actual;
                if (!actual.equals(expected) || !explained.equals(expected)) {
                    assertThat(List.of(actual, explained))
                            .as("seed %d, %s, %s", seed, facts, set.get().policies())
                            .isEqualTo(List.of(expected, expected));
                }
                seen.merge(actual.reason(), 1, Integer::sum);
            }
        }
        // Random tests that only ever see one answer prove nothing.
        assertThat(seen.keySet())
                .as("seed %d, %s", seed, seen)
                .contains(
                        Reason.ALLOWED,
                        Reason.NO_ROUTE,
                        Reason.CALLER_UNKNOWN,
                        Reason.CALLER_NOT_ALLOWED,
                        Reason.TOKEN_MISSING,
                        Reason.TOKEN_EXPIRED,
                        Reason.TOKEN_ISSUER,
                        Reason.TOKEN_SIGNATURE,
                        Reason.ROLE_MISSING,
                        Reason.SCOPE_MISSING,
                        Reason.CLAIM_MISMATCH);
        assertThat(policies).isGreaterThanOrEqualTo(PAIRS / REQUESTS_PER_POLICY);
    }

    private Optional<DocumentSet> policy() {
        String routes = IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> route("r" + i))
                .collect(Collectors.joining(", ", "{", "}"));
        try {
            return Optional.of(DocumentSet.load(List.of(new Source("random.yaml", Shop.MESH + Shop.policy(routes)))));
        } catch (InvalidDocumentException invalid) {
            assertThat(invalid.problems())
                    .as("seed %d, %s", seed, routes)
                    .allMatch(problem -> problem.code().equals(Codes.MATCH_AMBIGUOUS));
            return Optional.empty();
        }
    }

    private String route(String name) {
        String rules = IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> (char) ('a' + i) + ": {from: " + from() + ", user: " + user() + ", forwardToken: "
                        + random.nextBoolean() + "}")
                .collect(Collectors.joining(", ", "{", "}"));
        return name + ": {match: '" + pick(METHODS) + " " + template() + "', allow: " + rules + "}";
    }

    private String template() {
        List<String> segments = new ArrayList<>();
        int length = 1 + random.nextInt(3);
        for (int i = 0; i < length; i++) {
            String segment = pick(SEGMENTS);
            boolean twice = segment.startsWith("{") && segments.contains(segment);
            boolean inside = segment.isEmpty() && i < length - 1;
            segments.add(twice || inside ? "a" : segment);
        }
        if (random.nextInt(4) == 0) {
            segments.set(length - 1, "**");
        }
        return "/" + String.join("/", segments);
    }

    private String from() {
        return switch (random.nextInt(5)) {
            case 0 -> "any-mesh";
            case 1 -> "['spiffe://shop.example/sa/" + pick(SERVICES) + "']";
            case 2 -> "[" + pick(SERVICES) + ", " + pick(SERVICES) + "]";
            default -> pick(SERVICES);
        };
    }

    private String user() {
        return switch (random.nextInt(6)) {
            case 0 -> "none";
            case 1 -> "optional";
            case 2 -> "required";
            default -> conditions();
        };
    }

    private String conditions() {
        StringBuilder out = new StringBuilder("{issuer: ").append(random.nextInt(4) == 0 ? "staff" : "shop");
        boolean claims = out.indexOf("shop") > 0;
        maybe(out, ", subject: " + pick(WORDS));
        maybe(out, ", anyRole: [" + pick(WORDS) + ", " + pick(WORDS) + "]");
        maybe(out, ", allRoles: [" + pick(WORDS) + "]");
        maybe(out, ", scopes: [" + pick(WORDS) + "]");
        if (claims) {
            maybe(out, ", claims: {dept: " + pick(WORDS) + ", amr: " + pick(WORDS) + "}");
            if (out.indexOf("claims") < 0) {
                maybe(out, ", claims: {staff: " + random.nextBoolean() + ", level: " + random.nextInt(2) + "}");
            }
        }
        return out.append('}').toString();
    }

    private void maybe(StringBuilder out, String text) {
        if (random.nextInt(4) == 0) {
            out.append(text);
        }
    }

    private GivenFacts request() {
        String path = IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(_ -> pick(List.of("a", "b", "c")))
                .collect(Collectors.joining("/", "/", random.nextInt(5) == 0 ? "/" : ""));
        GivenFacts facts = Facts.call(
                random.nextInt(8) == 0 ? "stranger" : pick(SERVICES),
                pick(METHODS),
                random.nextInt(30) == 0 ? "/" : path);
        GivenFacts called = random.nextInt(20) == 0
                ? GivenFacts.of(Optional.empty(), facts.method(), facts.path()).as(facts.user())
                : facts;
        return switch (random.nextInt(8)) {
            case 0 -> called;
            case 1 -> called.as(new UserFact.Bad(pick(List.of(Reason.TOKEN_EXPIRED, Reason.TOKEN_SIGNATURE))));
            default -> called.as(randomUser());
        };
    }

    private User randomUser() {
        Map<String, Object> claims = random.nextBoolean()
                ? Map.of(
                        "dept", pick(WORDS), "amr", List.of(pick(WORDS)), "staff", random.nextBoolean(), "level", (long)
                                random.nextInt(2))
                : Map.of("dept", List.of(pick(WORDS)), "amr", pick(WORDS), "staff", "true");
        String issuer = pick(List.of("shop", "shop", "shop", "staff", "gone"));
        List<String> roles = List.of(pick(WORDS), pick(WORDS));
        User user = Facts.user(issuer, pick(WORDS), roles, List.of(pick(WORDS), pick(WORDS)), claims);
        int age = random.nextInt(10) == 0 ? 29 + random.nextInt(3) : 0; // around the end of the leeway
        return new User(
                user.issuer(),
                user.subject(),
                user.roles(),
                user.scopes(),
                user.claims(),
                user.issuedAt(),
                age == 0 ? user.expiresAt() : Facts.NOW.minusSeconds(age));
    }

    private <T> T pick(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }
}
