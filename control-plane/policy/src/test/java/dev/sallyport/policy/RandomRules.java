package dev.sallyport.policy;

import static java.util.Objects.requireNonNull;

import dev.sallyport.policy.FieldCondition.Kind;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.RoutePolicy.Via;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What rules and guardrails ask of a request, at random. */
final class RandomRules {
    private final Dice dice;

    RandomRules(Dice dice) {
        this.dice = dice;
    }

    /** {@code pathX}: whether every template of its route has {@code {x}}. */
    Rule rule(String name, boolean pathX) {
        UserRequirement user = user();
        return new Rule(
                name,
                callers(),
                user,
                dice.sometimes(6, this::field),
                dice.maybe(5, () -> condition(user, pathX)),
                dice.maybe(6, this::opa),
                dice.maybe(8, this::aroundNow),
                dice.one(8),
                dice.one(2),
                user instanceof UserRequirement.None && dice.one(4));
    }

    /** Of a connection, which has nothing but its caller. */
    Rule bare(String name) {
        return bare(name, callers(), dice.maybe(6, this::aroundNow), dice.one(8));
    }

    /** Holds for every caller of the mesh. */
    static Rule open(String name) {
        return bare(name, new Callers(true, Set.of(), List.of("any-mesh")), Optional.empty(), false);
    }

    private static Rule bare(String name, Callers from, Optional<Instant> expires, boolean dryRun) {
        return new Rule(
                name,
                from,
                new UserRequirement.None(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                expires,
                dryRun,
                false,
                false);
    }

    Callers callers() {
        if (dice.one(3)) {
            return new Callers(true, Set.of(), List.of("any-mesh"));
        }
        SortedSet<String> names = dice.some(3, RandomPolicies.SERVICES);
        return new Callers(false, names.stream().map(Facts::id).collect(Collectors.toSet()), List.copyOf(names));
    }

    private UserRequirement user() {
        return switch (dice.upTo(6)) {
            case 0, 1 -> new UserRequirement.None();
            case 2 -> new UserRequirement.OptionalUser();
            default -> proven();
        };
    }

    /** What holds with a good token only. */
    UserRequirement proven() {
        if (dice.one(3)) {
            return new UserRequirement.Required();
        }
        boolean shop = !dice.one(4);
        String issuer = shop ? "shop" : "staff";
        Optional<Via> via = dice.maybe(2, () -> via(issuer));
        return new UserRequirement.Conditions(
                issuer,
                dice.maybe(6, this::word),
                dice.one(5) ? dice.some(2, RandomPolicies.WORDS) : Set.of(),
                dice.one(5) ? dice.some(2, RandomPolicies.WORDS) : Set.of(),
                dice.one(5) ? dice.some(2, RandomPolicies.WORDS) : Set.of(),
                shop && dice.one(3) ? claims(via.isPresent()) : Map.of(),
                dice.maybe(6, () -> Duration.ofSeconds(30L * (1 + dice.upTo(4)))),
                via);
    }

    /** At least one of {@code from} may vouch for users of the issuer. */
    private Via via(String issuer) {
        SortedSet<String> verifiers =
                requireNonNull(RandomMesh.HOPS.get(issuer)).verifiedBy();
        SortedSet<String> from = new TreeSet<>(Set.of(dice.pick(List.copyOf(verifiers))));
        dice.maybe(2, () -> from.addAll(dice.some(3, RandomPolicies.SERVICES)));
        return new Via(from, 1 + dice.upTo(5));
    }

    /** {@code travelling}: no others. */
    private Map<String, String> claims(boolean travelling) {
        Map<String, String> claims = new TreeMap<>();
        dice.maybe(3, () -> claims.put("dept", word()));
        dice.maybe(3, () -> claims.put("amr", word()));
        if (travelling) {
            return claims;
        }
        dice.maybe(3, () -> claims.put("staff", String.valueOf(dice.one(2))));
        dice.maybe(3, () -> claims.put("level", String.valueOf(dice.upTo(2))));
        return claims;
    }

    private String word() {
        return dice.pick(RandomPolicies.WORDS);
    }

    FieldCondition field() {
        return dice.one(2)
                ? new FieldCondition(
                        Kind.HEADER, dice.pick(List.of("x-n", "x-r")), dice.some(2, List.of("a", "b", "7")))
                : new FieldCondition(
                        Kind.QUERY, dice.pick(List.of("m", "n")), dice.some(2, List.of("p", "\u00e9", "")));
    }

    private OpaQuery opa() {
        SortedSet<String> headers = dice.one(3) ? dice.some(2, List.of("x-n", "x-r")) : new TreeSet<>();
        return new OpaQuery(dice.pick(RandomPolicies.TARGETS), "shop/allow", Duration.ofMillis(50), headers);
    }

    /** Of a guardrail: without user and path. */
    When condition() {
        return NaiveConditions.checked(dice.pick(NaiveConditions.ANYWHERE));
    }

    private When condition(UserRequirement user, boolean pathX) {
        boolean proven = user instanceof UserRequirement.Conditions || user instanceof UserRequirement.Required;
        List<String> sources = new ArrayList<>(NaiveConditions.ANYWHERE);
        if (proven) {
            sources.addAll(NaiveConditions.OF_THE_USER);
        }
        if (user instanceof UserRequirement.Conditions wanted && wanted.issuer().equals("shop")) {
            sources.addAll(NaiveConditions.OF_ITS_CLAIMS);
        }
        if (pathX) {
            sources.addAll(NaiveConditions.OF_THE_PATH);
        }
        if (proven && pathX) {
            sources.addAll(NaiveConditions.OF_USER_AND_PATH);
        }
        return NaiveConditions.checked(dice.pick(sources));
    }

    Instant aroundNow() {
        return Facts.NOW.plusSeconds(dice.upTo(3) - 1L);
    }
}
