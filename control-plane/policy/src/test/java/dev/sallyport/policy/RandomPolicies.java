package dev.sallyport.policy;

import dev.sallyport.policy.FieldCondition.Kind;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.Guardrail.LooseMatch;
import dev.sallyport.policy.Guardrail.Targets;
import dev.sallyport.policy.PathTemplate.Overlap;
import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Documents that a loader would accept, of all the language and a small alphabet, so that requests meet them. */
final class RandomPolicies {
    static final String SERVICE = "payment";
    static final List<String> SERVICES = List.of("web", "orders", "backoffice", SERVICE);
    static final List<String> WORDS = List.of("p", "q", "r");
    static final List<String> HOSTS = List.of("a.example", "b.example");
    static final List<String> TARGETS = List.of("authz", "risk");
    static final int TCP_PORT = 5432;

    private static final List<String> METHODS = List.of("GET", "POST");
    private static final List<String> SEGMENTS = List.of("a", "b", "{x}", "{x}", "{y}", "");
    private static final List<PathTemplate> RPC = templates("/p.S/M", "/p.S/{method}", "/p.S/N", "/p.T/M");
    private static final List<PathTemplate> LOOSE = templates(
            "/**", "/a/**", "/a", "/B", "/b/", "/a/b/**", "/{x}", "/{x}/b", "/A/{x}", "/c", "/%C3%89", "/p.s/**", "/");

    private final Dice dice;
    private final boolean observing;

    RandomPolicies(Dice dice) {
        this(dice, true);
    }

    private RandomPolicies(Dice dice, boolean observing) {
        this.dice = dice;
        this.observing = observing;
    }

    /** The same without {@code mode: observe}. */
    RandomPolicies enforced() {
        return new RandomPolicies(dice, false);
    }

    DocumentSet set() {
        return new DocumentSet(
                RandomMesh.mesh(dice, until(30)),
                dice.one(30) ? new TreeMap<>() : new TreeMap<>(Map.of(SERVICE, policy(false))),
                dice.one(6) ? new TreeMap<>(Map.of(SERVICE, policy(true))) : new TreeMap<>(),
                guardrails());
    }

    /** Guardrails over a policy that allows each caller everything. */
    DocumentSet guardrailsAlone() {
        Rule rule = rule("r", new Callers(true, Set.of(), List.of("any-mesh")), Optional.empty(), false);
        List<Match> matches = new ArrayList<>();
        for (String method : List.of("GET", "POST", "PUT")) {
            matches.add(new Match.Http(method, PathTemplate.parse("/")));
            matches.add(new Match.Http(method, PathTemplate.parse("/**")));
        }
        Route route = bare("all", matches, Map.of("r", rule), Optional.empty());
        RoutePolicy policy = new RoutePolicy(
                SERVICE,
                SERVICE,
                Optional.empty(),
                false,
                Optional.empty(),
                new TreeMap<>(Map.of("all", route)));
        return new DocumentSet(
                RandomMesh.mesh(dice, Optional.empty()),
                new TreeMap<>(Map.of(SERVICE, policy)),
                new TreeMap<>(),
                guardrails());
    }

    private RoutePolicy policy(boolean candidate) {
        SortedMap<String, Route> routes = new TreeMap<>();
        int count = 1 + dice.upTo(4);
        for (int i = 0; i < count; i++) {
            route("r" + i, routes.values()).ifPresent(route -> routes.put(route.name(), route));
        }
        return new RoutePolicy(
                candidate ? "next" : SERVICE,
                SERVICE,
                Optional.empty(),
                candidate,
                until(candidate ? 1000 : 15),
                routes);
    }

    /** Empty when it cannot be told apart from the earlier ones. */
    private Optional<Route> route(String name, Iterable<Route> earlier) {
        SortedSet<String> hosts = dice.one(3) ? dice.some(2, HOSTS) : new TreeSet<>();
        List<Match> matches = new ArrayList<>();
        int kind = dice.upTo(10);
        for (int i = 1 + dice.upTo(2); i > 0; i--) {
            Match match = match(kind);
            boolean clash = matches.stream().anyMatch(other -> clash(match, other));
            for (Route route : earlier) {
                boolean met = hosts.isEmpty() ? route.hosts().isEmpty() : !Collections.disjoint(hosts, route.hosts());
                clash |= met && route.matches().stream().anyMatch(other -> clash(match, other));
            }
            if (!clash) {
                matches.add(match);
            }
        }
        boolean tcp = kind == 9;
        return matches.isEmpty()
                ? Optional.empty()
                : Optional.of(tcp ? connection(name, matches) : route(name, matches, hosts));
    }

    private Match match(int kind) {
        return switch (kind) {
            case 9 -> new Match.Tcp(TCP_PORT + dice.upTo(2));
            case 8 -> new Match.Grpc(dice.pick(RPC));
            default -> new Match.Http(dice.pick(METHODS), dice.one(12) ? dice.pick(RPC) : template());
        };
    }

    private static boolean clash(Match a, Match b) {
        if (a.template().isEmpty() || b.template().isEmpty()) {
            return a.equals(b);
        }
        boolean method = method(a).equals(method(b));
        Overlap overlap = a.template().get().overlap(b.template().get());
        return method && (overlap == Overlap.SAME || overlap == Overlap.CROSSING);
    }

    private static String method(Match match) {
        return match instanceof Match.Http http ? http.method() : "POST";
    }

    private PathTemplate template() {
        List<String> segments = new ArrayList<>();
        int length = 1 + dice.upTo(3);
        for (int i = 0; i < length; i++) {
            String segment = dice.pick(SEGMENTS);
            boolean twice = segment.startsWith("{") && segments.contains(segment);
            boolean inside = segment.isEmpty() && i < length - 1;
            segments.add(twice || inside ? "a" : segment);
        }
        if (dice.one(4)) {
            segments.set(length - 1, "**");
        }
        return PathTemplate.parse("/" + String.join("/", segments));
    }

    /** Of a TCP port: only who calls is known. */
    private Route connection(String name, List<Match> matches) {
        Map<String, Rule> rules = new TreeMap<>();
        for (String rule : dice.some(2, List.of("a", "b", "c"))) {
            rules.put(rule, rule(rule, callers(), dice.maybe(6, this::aroundNow), dice.one(8)));
        }
        return bare(name, matches, rules, until(15));
    }

    private static Rule rule(String name, Callers from, Optional<Instant> expires, boolean dryRun) {
        return new Rule(
                name,
                from,
                new UserRequirement.None(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                expires,
                dryRun,
                false);
    }

    private static Route bare(String name, List<Match> matches, Map<String, Rule> rules, Optional<Instant> observe) {
        return new Route(
                name,
                matches,
                new TreeSet<>(),
                List.of(),
                Optional.empty(),
                AuditMode.BUFFERED,
                observe,
                new TreeMap<>(),
                new TreeMap<>(rules));
    }

    private Route route(String name, List<Match> matches, SortedSet<String> hosts) {
        boolean pathX = matches.stream()
                .allMatch(match -> match.template().orElseThrow().text().contains("{x}"));
        Map<String, Rule> rules = new TreeMap<>();
        for (char rule = 'a'; rule < 'b' + dice.upTo(3); rule++) {
            rules.put(String.valueOf(rule), rule(String.valueOf(rule), pathX));
        }
        SortedMap<String, Recording> record = dice.one(4)
                ? new TreeMap<>(Map.of("header.x-n", Recording.CLEAR, "path.x", Recording.NO))
                : new TreeMap<>();
        return new Route(
                name,
                matches,
                hosts,
                dice.sometimes(8, this::field),
                dice.maybe(3, this::limit),
                dice.pick(List.of(AuditMode.values())),
                until(15),
                record,
                new TreeMap<>(rules));
    }

    private Rule rule(String name, boolean pathX) {
        UserRequirement user = user();
        return new Rule(
                name,
                callers(),
                user,
                dice.sometimes(6, this::field),
                condition(5, user, pathX),
                dice.maybe(6, this::opa),
                dice.maybe(8, this::aroundNow),
                dice.one(8),
                dice.one(2));
    }

    Callers callers() {
        if (dice.one(3)) {
            return new Callers(true, Set.of(), List.of("any-mesh"));
        }
        SortedSet<String> names = dice.some(3, SERVICES);
        return new Callers(false, names.stream().map(Facts::id).collect(Collectors.toSet()), List.copyOf(names));
    }

    private UserRequirement user() {
        return switch (dice.upTo(6)) {
            case 0, 1 -> new UserRequirement.None();
            case 2 -> new UserRequirement.OptionalUser();
            case 3 -> new UserRequirement.Required();
            default -> conditions();
        };
    }

    private UserRequirement conditions() {
        boolean shop = !dice.one(4);
        Map<String, String> claims = new TreeMap<>();
        if (shop && dice.one(4)) {
            claims.put("dept", dice.pick(WORDS));
            dice.maybe(2, () -> claims.put("amr", dice.pick(WORDS)));
            dice.maybe(4, () -> claims.put("staff", String.valueOf(dice.one(2))));
            dice.maybe(4, () -> claims.put("level", String.valueOf(dice.upTo(2))));
        }
        return new UserRequirement.Conditions(
                shop ? "shop" : "staff",
                dice.maybe(6, () -> dice.pick(WORDS)),
                dice.one(5) ? dice.some(2, WORDS) : Set.of(),
                dice.one(5) ? dice.some(2, WORDS) : Set.of(),
                dice.one(5) ? dice.some(2, WORDS) : Set.of(),
                claims,
                dice.maybe(6, () -> Duration.ofSeconds(30L * (1 + dice.upTo(4)))));
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
        return new OpaQuery(dice.pick(TARGETS), "shop/allow", Duration.ofMillis(50), headers);
    }

    private Limit limit() {
        return new Limit(1 + dice.upTo(9), Duration.ofSeconds(1), 10, dice.pick(List.of(Limit.Per.values())));
    }

    private Optional<When> condition(int in, UserRequirement user, boolean pathX) {
        boolean user1 = user instanceof UserRequirement.Required || user instanceof UserRequirement.Conditions;
        boolean claims = user instanceof UserRequirement.Conditions conditions
                && conditions.issuer().equals("shop");
        List<String> sources = new ArrayList<>(NaiveConditions.ANYWHERE);
        if (user1) {
            sources.addAll(NaiveConditions.OF_THE_USER);
        }
        if (claims) {
            sources.addAll(NaiveConditions.OF_ITS_CLAIMS);
        }
        if (pathX) {
            sources.addAll(NaiveConditions.OF_THE_PATH);
        }
        if (user1 && pathX) {
            sources.addAll(NaiveConditions.OF_USER_AND_PATH);
        }
        return dice.one(in) ? NaiveConditions.checked(dice.pick(sources)) : Optional.empty();
    }

    private SortedMap<String, Guardrail> guardrails() {
        SortedMap<String, Guardrail> guardrails = new TreeMap<>();
        for (int i = dice.one(2) ? 0 : 1 + dice.upTo(2); i > 0; i--) {
            guardrails.put("g" + i, guardrail("g" + i, dice.one(3)));
        }
        return guardrails;
    }

    Guardrail guardrail(String name, boolean dryRun) {
        SortedMap<String, Denial> denials = new TreeMap<>();
        dice.times(1 + dice.upTo(2), () -> denial("d" + dice.upTo(3)))
                .forEach(denial -> denials.put(denial.name(), denial));
        return new Guardrail(name, Optional.empty(), dryRun, denials);
    }

    Denial denial(String name) {
        return new Denial(
                name,
                dice.one(3) ? new Targets(true, new TreeSet<>()) : new Targets(false, dice.some(2, SERVICES)),
                dice.times(dice.one(3) ? 0 : 1 + dice.upTo(2), this::looseMatch),
                dice.maybe(4, this::callers),
                condition(4, new UserRequirement.None(), false),
                dice.maybe(3, this::callers),
                dice.maybe(5, () -> dice.one(2) ? new UserRequirement.Required() : conditions()),
                dice.sometimes(5, this::field),
                condition(6, new UserRequirement.None(), false));
    }

    private LooseMatch looseMatch() {
        return new LooseMatch(dice.maybe(2, () -> dice.pick(METHODS)), dice.pick(LOOSE));
    }

    private Optional<Instant> until(int in) {
        return dice.maybe(in, this::aroundNow).filter(_ -> observing);
    }

    private Instant aroundNow() {
        return Facts.NOW.plusSeconds(dice.upTo(3) - 1L);
    }

    private static List<PathTemplate> templates(String... texts) {
        return List.of(texts).stream().map(PathTemplate::parse).toList();
    }
}
