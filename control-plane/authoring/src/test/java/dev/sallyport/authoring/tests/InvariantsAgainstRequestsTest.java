package dev.sallyport.authoring.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an invariant promises, against every request of a small world sent through the evaluator. */
class InvariantsAgainstRequestsTest {
    private static final List<String> CALLERS = List.of("web", "orders", "backoffice", "catalog");
    private static final List<String> TEMPLATES = List.of("/a", "/b", "/{x}", "/a/{x}", "/a/b", "/a/**", "/**", "/a/");
    private static final List<String> PATHS = List.of("/", "/a", "/b", "/c", "/a/", "/a/b", "/a/c", "/b/b", "/a/b/c");
    private static final List<String> HOSTS = List.of("h.example", "other.example");
    private static final List<Set<String>> ROLES = List.of(Set.of(), Set.of("r"), Set.of("s"), Set.of("r", "s"));
    private static final List<String> USERS = List.of(
            "none",
            "optional",
            "required",
            "{issuer: shop}",
            "{issuer: shop, anyRole: [r]}",
            "{issuer: shop, anyRole: [r, s]}",
            "{issuer: shop, allRoles: [r, s]}",
            "{issuer: shop, anyRole: [r], via: {from: [web], maxHops: 2}}",
            "{issuer: shop, via: {from: [web, orders], maxHops: 3}}");

    @Test
    void promiseThatHoldsIsBrokenByNoRequest() {
        long seed = Long.getLong("sallyport.seed", System.nanoTime());
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int held = 0;
        int broken = 0;
        int witnessed = 0;
        for (int i = 0; i < 1500; i++) {
            Stated stated = stated(random);
            Optional<WorkingTree> tree = load(set(random), stated);
            if (tree.isEmpty()) {
                continue; // templates that cannot be told apart
            }
            boolean holds = Documents.run(tree.get()).failed().isEmpty();
            List<String> passing = passing(tree.get(), stated);
            if (holds) {
                held++;
                assertThat(passing)
                        .as("seed " + seed + ", round " + i + ", " + stated)
                        .isEmpty();
            } else {
                broken++;
                witnessed += passing.isEmpty() ? 0 : 1;
            }
        }
        assertThat(held).as("promises that held, seed %d", seed).isGreaterThan(200);
        assertThat(broken).as("promises that did not, seed %d", seed).isGreaterThan(200);
        assertThat(witnessed * 10)
                .as("of %d said to be broken those with a request that breaks them, seed %d", broken, seed)
                .isGreaterThan(broken * 9);
    }

    /** {@code role}: without which never; empty: never at all. */
    private record Stated(String method, String template, List<String> callers, Optional<String> role) {
        String yaml() {
            return "  invariants: {x: {request: \"" + method + " " + template + "\", neverFrom: " + callers
                    + role.map(name -> ", neverWithout: {role: " + name + "}").orElse("") + "}}\n";
        }

        boolean means(String sent, String path) {
            String regex = template.equals("/**")
                    ? "/.*"
                    : template.replace("/**", "(/.*)?").replaceAll("\\{\\w+}", "[^/]+");
            return (method.equals("*") || method.equals(sent)) && path.matches(regex);
        }
    }

    private static Stated stated(RandomGenerator random) {
        return new Stated(
                one(random, List.of("GET", "POST", "*")),
                one(random, TEMPLATES),
                some(random, CALLERS),
                random.nextInt(3) == 0 ? Optional.empty() : Optional.of(one(random, List.of("r", "s"))));
    }

    private static String set(RandomGenerator random) {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i <= random.nextInt(4); i++) {
            String host = random.nextInt(4) == 0 ? "hosts: [h.example], " : "";
            String rules = IntStream.rangeClosed(0, random.nextInt(2))
                    .mapToObj(rule -> "rule" + rule + ": {from: " + some(random, CALLERS) + ", user: "
                            + one(random, USERS) + (random.nextInt(5) == 0 ? ", headers: {x-a: b}" : "") + "}")
                    .collect(Collectors.joining(", "));
            routes.append("    route")
                    .append(i)
                    .append(": {match: \"")
                    .append(one(random, List.of("GET ", "POST ")))
                    .append(one(random, TEMPLATES))
                    .append("\", ")
                    .append(host)
                    .append("allow: {")
                    .append(rules)
                    .append("}}\n");
        }
        String observe = random.nextInt(8) == 0 ? "  mode: observe\n  until: 2026-04-01\n" : "";
        String policy = """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: payment}
                spec:
                  service: payment
                """ + observe + "  routes:\n" + routes;
        String mesh = Documents.MESH.replace("age: int}}", "age: int}, verifiedBy: [web, orders]}");
        return mesh + "---\n" + policy + guardrails(random);
    }

    private static String guardrails(RandomGenerator random) {
        if (random.nextBoolean()) {
            return "";
        }
        List<String> parts = new ArrayList<>(List.of("to: [payment]"));
        if (random.nextBoolean()) {
            parts.add("match: [\"" + one(random, List.of("", "GET ", "POST ")) + one(random, TEMPLATES) + "\"]");
        }
        if (random.nextInt(3) == 0) {
            parts.add("from: " + some(random, CALLERS));
        }
        if (random.nextBoolean()) {
            parts.add("unlessFrom: " + some(random, CALLERS));
        }
        if (random.nextBoolean()) {
            parts.add("unlessUser: " + one(random, USERS.subList(2, USERS.size())));
        }
        if (random.nextInt(4) == 0) {
            parts.add("unlessHeaders: {x-a: b}");
        }
        return """
                ---
                apiVersion: sallyport.dev/v1
                kind: Guardrail
                metadata: {name: rail}
                spec:
                  deny: {one: {%s}}
                """.formatted(String.join(", ", parts));
    }

    private static Optional<WorkingTree> load(String set, Stated stated) {
        String test = """
                ---
                apiVersion: sallyport.dev/v1
                kind: PolicyTest
                metadata: {name: payment}
                spec:
                """ + stated.yaml();
        try {
            return Optional.of(WorkingTree.load(List.of(new Source("set.yaml", set + test)), Documents.NOW));
        } catch (InvalidDocumentException invalid) {
            assertThat(invalid.problems())
                    .as(set + test)
                    .allMatch(problem -> problem.code().startsWith("SP03"));
            return Optional.empty();
        }
    }

    /** The requests that pass although the promise says that they never do. */
    private static List<String> passing(WorkingTree tree, Stated stated) {
        PolicySet policies = PolicySet.compile(tree.set(), "payment");
        List<String> passing = new ArrayList<>();
        for (Mesh.Service caller : tree.set().mesh().services().values()) {
            if (!stated.callers().contains(caller.name())) {
                continue;
            }
            for (String method : List.of("GET", "POST")) {
                for (String path : PATHS.stream()
                        .filter(path -> stated.means(method, path))
                        .toList()) {
                    GivenFacts asked = GivenFacts.of(Optional.of(caller.identity()), method, path)
                            .with(Map.of("x-a", List.of("b")));
                    for (GivenFacts facts : withUsers(asked, stated.role())) {
                        for (String host : HOSTS) {
                            if (policies.decide(facts.at(host), Documents.NOW) instanceof Decision.Allow) {
                                passing.add(caller.name() + " " + host + " " + facts);
                            }
                        }
                    }
                }
            }
        }
        return passing;
    }

    /** By tokens of their own, by hop tokens that began in two places, and by both. */
    private static List<GivenFacts> withUsers(GivenFacts asked, Optional<String> role) {
        List<GivenFacts> all = new ArrayList<>();
        for (UserFact user : users(role)) {
            all.add(asked.as(user));
            if (user instanceof UserFact.Verified(User proven)) {
                for (String verifier : List.of("web", "orders")) {
                    UserFact carried = new UserFact.Verified(carried(proven, verifier));
                    all.add(asked.carrying(carried));
                    users(role).forEach(own -> all.add(asked.as(own).carrying(carried)));
                }
            }
        }
        return all;
    }

    private static User carried(User user, String verifier) {
        return new User(
                user.issuer(),
                user.subject(),
                user.roles(),
                user.scopes(),
                user.claims(),
                user.issuedAt(),
                user.expiresAt(),
                List.of(verifier, "backoffice"));
    }

    /** Everybody who has not what the promise asks for. */
    private static List<UserFact> users(Optional<String> role) {
        List<UserFact> users = new ArrayList<>(List.of(new UserFact.Absent()));
        ROLES.stream()
                .filter(roles -> role.isEmpty() || !roles.contains(role.get()))
                .map(roles -> new UserFact.Verified(new User(
                        "shop",
                        "u",
                        List.copyOf(roles),
                        List.of(),
                        Map.of(),
                        Documents.NOW,
                        Documents.NOW.plusSeconds(60))))
                .forEach(users::add);
        return users;
    }

    private static <T> T one(RandomGenerator random, List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    private static List<String> some(RandomGenerator random, List<String> items) {
        List<String> some = items.stream().filter(_ -> random.nextInt(3) == 0).toList();
        return some.isEmpty() ? List.of(one(random, items)) : some;
    }
}
