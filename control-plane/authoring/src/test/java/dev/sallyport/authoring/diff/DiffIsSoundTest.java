package dev.sallyport.authoring.diff;

import static dev.sallyport.authoring.diff.Documented.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A diff that finds no widening is a promise: over random pairs of sets and random requests, nothing is allowed after that was not allowed before. */
class DiffIsSoundTest {
    private static final int PAIRS = 2000;
    private static final int REQUESTS = 150;
    private static final List<String> PATHS =
            List.of("/a", "/b", "/{x}", "/a/{x}", "/{x}/b", "/a/b", "/a/**", "/**", "/{x}/**", "/", "/{x}/", "/a/");

    private final long seed = Long.getLong("sallyport.seed", System.nanoTime());
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(seed);

    @Test
    void nothingNewPassesWhereNoWideningWasFound() {
        int quiet = 0;
        int widened = 0;
        for (int pair = 0; pair < PAIRS; pair++) {
            String routes = routes();
            String rail = rail();
            Optional<DocumentSet> before = set(routes, rail);
            // Half of the pairs differ in one rule, as most changes do.
            Optional<DocumentSet> after = random.nextBoolean()
                    ? set(routes(), rail())
                    : set(routes.replaceFirst("user: (\\{([^{}]|\\{[^{}]*\\})*\\}|[a-z]+)", "user: " + user()), rail);
            if (before.isEmpty() || after.isEmpty()) {
                continue;
            }
            List<Change> changes = PolicyDiff.between(before.get(), after.get(), NOW);
            boolean widening = changes.stream().anyMatch(Change::widening);
            PolicySet old = PolicySet.compile(before.get(), "payment");
            PolicySet now = PolicySet.compile(after.get(), "payment");
            for (int i = 0; i < REQUESTS && !widening; i++) {
                GivenFacts facts = request();
                if (now.decide(facts, NOW) instanceof Decision.Allow) {
                    assertThat(readings(facts))
                            .as("seed %d, %s%nbefore %s%nafter %s%n%s", seed, facts, before, after, changes)
                            .allMatch(reading -> old.decide(reading, NOW) instanceof Decision.Allow);
                }
            }
            quiet += widening ? 0 : 1;
            widened += widening ? 1 : 0;
        }
        // A diff that always says widening would pass, and one that never does could not be told apart.
        assertThat(quiet).as("seed %d", seed).isGreaterThan(100);
        assertThat(widened).as("seed %d", seed).isGreaterThan(100);
    }

    /** A path with parameters as what it is read as: both were allowed. */
    private static List<GivenFacts> readings(GivenFacts facts) {
        return facts.path().indexOf(';') < 0
                ? List.of(facts)
                : Stream.of("", "-")
                        .map(parameter -> new GivenFacts(
                                facts.caller(),
                                facts.method(),
                                facts.host(),
                                facts.path().replaceAll(";[^/]*", parameter),
                                facts.query(),
                                facts.headers(),
                                facts.user(),
                                facts.carriedUser(),
                                facts.opa()))
                        .toList();
    }

    private String routes() {
        return IntStream.range(0, 1 + random.nextInt(2))
                .mapToObj(i -> "r" + i + ": {match: 'GET " + pick(PATHS) + "'" + field() + ", allow: " + rules() + "}")
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private String rail() {
        return random.nextInt(4) == 0
                ? Documented.guardrail("{d: {to: [payment], match: ['" + pick(PATHS) + "'], "
                        + pick(List.of(
                                "unlessFrom: [orders]",
                                "unlessUser: {issuer: shop}",
                                "unlessUser: {issuer: shop, via: {from: [web, orders], maxHops: 2}}"))
                        + "}}")
                : "";
    }

    /** Empty for templates that cannot be told apart, and where a replacement left no document. */
    private static Optional<DocumentSet> set(String routes, String rail) {
        try {
            return Optional.of(Documented.set(
                    Documented.MESH
                            .replace(
                                    "{8080: http}",
                                    "{8080: http}, relax: {8080: {encodedSlash: data, emptySegments: data, matrixParameters: data}}")
                            .replace("claims: {dept: string}", "claims: {dept: string}, verifiedBy: [web, orders]"),
                    routes,
                    rail));
        } catch (IllegalArgumentException refused) {
            return Optional.empty();
        }
    }

    private String rules() {
        return IntStream.range(0, 1 + random.nextInt(2))
                .mapToObj(i -> "a" + i + ": {from: " + pick(List.of("[orders]", "[web]", "[orders, web]", "any-mesh"))
                        + ", user: " + user() + field() + "}")
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private String user() {
        return pick(List.of(
                "none",
                "optional",
                "required",
                "{issuer: shop}",
                "{issuer: shop, anyRole: [p]}",
                "{issuer: shop, anyRole: [p, q]}",
                "{issuer: shop, allRoles: [p, q]}",
                "{issuer: shop, subject: p}",
                "{issuer: shop, claims: {dept: p}}",
                "{issuer: shop, maxTokenAge: 5m}",
                "{issuer: shop, via: {from: [web], maxHops: 2}}",
                "{issuer: shop, via: {from: [web, orders], maxHops: 2}}",
                "{issuer: shop, via: {from: [web, orders], maxHops: 3}}",
                "{issuer: shop, anyRole: [p], via: {from: [web], maxHops: 1}}"));
    }

    private String field() {
        return random.nextInt(4) > 0
                ? ""
                : pick(List.of(", headers: {x: p}", ", headers: {x: [p, q]}", ", query: {x: p}"));
    }

    private GivenFacts request() {
        String path = pick(List.of(
                "/a",
                "/b",
                "/c",
                "/a/b",
                "/a/c",
                "/c/b",
                "/c/d",
                "/a/b/c",
                "/c/d/e",
                "/a/",
                "/",
                "//",
                "//b",
                "/a//",
                "/a//b",
                "/a/b//c",
                "/a%2Fb",
                "/a/b%2Fc",
                "/a;v=1",
                "/a;v=1/b",
                "/c/b;v=1"));
        GivenFacts facts = GivenFacts.of(Optional.of(id(pick(List.of("orders", "web", "payment")))), "GET", path)
                .with(Map.of("x", List.of(pick(List.of("p", "q", "r")))))
                .asking("x=" + pick(List.of("p", "q")));
        return facts.as(fact(List.of()))
                .carrying(
                        random.nextInt(3) > 0
                                ? new UserFact.Absent()
                                : fact(pick(List.of(
                                        List.of("web"),
                                        List.of("orders"),
                                        List.of("web", "orders"),
                                        List.of("orders", "web"),
                                        List.of("web", "payment", "orders"),
                                        List.of("web", "orders", "web")))));
    }

    /** {@code carriedBy}: of a hop token. */
    private UserFact fact(List<String> carriedBy) {
        return switch (random.nextInt(5)) {
            case 0 -> new UserFact.Absent();
            case 1 -> new UserFact.Bad(Reason.TOKEN_EXPIRED);
            default ->
                new UserFact.Verified(new User(
                        "shop",
                        pick(List.of("p", "q")),
                        random.nextBoolean() ? List.of("p", "q") : List.of(pick(List.of("p", "q", "r"))),
                        List.of(),
                        Map.of("dept", pick(List.of("p", "q"))),
                        NOW.minusSeconds(random.nextInt(600)),
                        NOW.plusSeconds(60),
                        carriedBy));
        };
    }

    private static SpiffeId id(String name) {
        return new SpiffeId(new TrustDomain("shop.example"), "/sa/" + name);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
