package dev.sallyport.policy;

import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.Guardrail.LooseMatch;
import dev.sallyport.policy.Guardrail.Targets;
import dev.sallyport.policy.PathTemplate.Overlap;
import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

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
    private final RandomRules rules;
    private final boolean observing;

    RandomPolicies(Dice dice) {
        this(dice, true);
    }

    private RandomPolicies(Dice dice, boolean observing) {
        this.dice = dice;
        this.rules = new RandomRules(dice);
        this.observing = observing;
    }

    /** The same without {@code mode: observe}. */
    RandomPolicies enforced() {
        return new RandomPolicies(dice, false);
    }

    DocumentSet set() {
        return new DocumentSet(
                RandomMesh.mesh(dice, until(30)),
                dice.one(30) ? new TreeMap<>() : new TreeMap<>(Map.of(SERVICE, policy(SERVICE, false, until(15)))),
                dice.one(6) ? new TreeMap<>(Map.of(SERVICE, policy("next", true, Optional.empty()))) : new TreeMap<>(),
                guardrails());
    }

    /** Guardrails over a policy that allows each caller everything. */
    DocumentSet guardrailsAlone() {
        List<Match> matches = new ArrayList<>();
        for (String method : List.of("GET", "POST", "PUT")) {
            matches.add(new Match.Http(method, PathTemplate.parse("/")));
            matches.add(new Match.Http(method, PathTemplate.parse("/**")));
        }
        Route route = bare("all", matches, Map.of("r", RandomRules.open("r")), Optional.empty());
        RoutePolicy policy = new RoutePolicy(
                SERVICE,
                SERVICE,
                Optional.empty(),
                false,
                Optional.empty(),
                new TreeMap<>(Map.of(route.name(), route)));
        return new DocumentSet(
                RandomMesh.mesh(dice, Optional.empty()),
                new TreeMap<>(Map.of(SERVICE, policy)),
                new TreeMap<>(),
                guardrails());
    }

    /** What of a set is random, for the message of a failure. */
    static String shown(DocumentSet set) {
        Mesh mesh = set.mesh();
        return "mesh observed until %s, ages %s%npolicies %s%ncandidates %s%nguardrails %s"
                .formatted(
                        mesh.observeUntil(),
                        mesh.issuers().values().stream()
                                .map(Mesh.Issuer::maxTokenAge)
                                .toList(),
                        set.policies(),
                        set.candidates(),
                        set.guardrails());
    }

    private RoutePolicy policy(String name, boolean candidate, Optional<Instant> observeUntil) {
        SortedMap<String, Route> routes = new TreeMap<>();
        int count = 1 + dice.upTo(4);
        for (int i = 0; i < count; i++) {
            route("r" + i, routes.values()).ifPresent(route -> routes.put(route.name(), route));
        }
        return new RoutePolicy(name, SERVICE, Optional.empty(), candidate, observeUntil, routes);
    }

    /** Empty when it cannot be told apart from the earlier ones. */
    private Optional<Route> route(String name, Collection<Route> earlier) {
        int kind = dice.upTo(10);
        boolean tcp = kind == 9;
        SortedSet<String> hosts = !tcp && dice.one(3) ? dice.some(2, HOSTS) : new TreeSet<>();
        List<Match> matches = new ArrayList<>();
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
        if (matches.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(tcp ? connection(name, matches) : route(name, matches, hosts));
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

    private Route connection(String name, List<Match> matches) {
        Map<String, Rule> allow = new TreeMap<>();
        for (String rule : dice.some(2, List.of("a", "b", "c"))) {
            allow.put(rule, rules.bare(rule));
        }
        return bare(name, matches, allow, until(15));
    }

    private static Route bare(String name, List<Match> matches, Map<String, Rule> allow, Optional<Instant> observe) {
        return new Route(
                name,
                matches,
                new TreeSet<>(),
                List.of(),
                Optional.empty(),
                AuditMode.BUFFERED,
                observe,
                new TreeMap<>(),
                new TreeMap<>(allow));
    }

    private Route route(String name, List<Match> matches, SortedSet<String> hosts) {
        boolean pathX = matches.stream()
                .allMatch(match -> match.template().orElseThrow().text().contains("{x}"));
        Map<String, Rule> allow = new TreeMap<>();
        for (String rule : dice.some(3, List.of("a", "b", "c"))) {
            allow.put(rule, rules.rule(rule, pathX));
        }
        SortedMap<String, Recording> record = new TreeMap<>();
        dice.maybe(4, () -> record.put("header.x-n", Recording.CLEAR));
        if (pathX && dice.one(4)) {
            record.put("path.x", Recording.NO);
        }
        return new Route(
                name,
                matches,
                hosts,
                dice.sometimes(8, rules::field),
                dice.maybe(3, this::limit),
                dice.pick(List.of(AuditMode.values())),
                until(15),
                record,
                new TreeMap<>(allow));
    }

    private Limit limit() {
        return new Limit(1 + dice.upTo(9), Duration.ofSeconds(1), 10, dice.pick(List.of(Limit.Per.values())));
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
        for (String denial : dice.some(2, List.of("a", "b", "c"))) {
            denials.put(denial, denial(denial));
        }
        return new Guardrail(name, Optional.empty(), dryRun, denials);
    }

    private Denial denial(String name) {
        return new Denial(
                name,
                dice.one(3) ? new Targets(true, new TreeSet<>()) : new Targets(false, dice.some(2, SERVICES)),
                dice.times(dice.one(3) ? 0 : 1 + dice.upTo(2), this::looseMatch),
                dice.maybe(4, rules::callers),
                dice.maybe(4, rules::condition),
                dice.maybe(3, rules::callers),
                dice.maybe(5, rules::proven),
                dice.sometimes(5, rules::field),
                dice.maybe(6, rules::condition));
    }

    private LooseMatch looseMatch() {
        return new LooseMatch(dice.maybe(2, () -> dice.pick(METHODS)), dice.pick(LOOSE));
    }

    private Optional<Instant> until(int in) {
        return observing ? dice.maybe(in, rules::aroundNow) : Optional.empty();
    }

    private static List<PathTemplate> templates(String... texts) {
        return List.of(texts).stream().map(PathTemplate::parse).toList();
    }
}
