package dev.sallyport.policy;

import dev.sallyport.document.HostPort;
import dev.sallyport.document.Location;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.policy.Mesh.PortKind;
import dev.sallyport.policy.RoutePolicy.Match;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** The matches of one policy: reads each, and refuses two of which a request could not tell which one is meant. */
final class Matches {
    /** In one policy, each counted once for every host of its route. A sidecar's memory is sized for it. */
    static final int MAX = 10_000;

    private static final String GRPC = "grpc";
    private static final String TCP = "tcp";

    private final Problems problems;
    private final Optional<SortedMap<Integer, PortKind>> ports;
    private final Map<String, Clashes<Placed>> hosts = new HashMap<>();
    private final Clashes.Budget budget = new Clashes.Budget();
    private final Map<Integer, Placed> connections = new HashMap<>();
    private int count;

    /** A match with its place, for messages. */
    private record Placed(Match match, String route, Location location, String path) {}

    /** {@code ports}: those of the service; empty while they are not known. */
    Matches(Problems problems, Optional<SortedMap<Integer, PortKind>> ports) {
        this.problems = problems;
        this.ports = ports;
    }

    /** Of a route for {@code hosts}; none: for every host. Empty, with a problem, for what is no match. */
    Optional<Match> read(String route, Set<String> hosts, Text text) {
        int before = count;
        count += Math.max(1, hosts.size());
        if (before <= MAX && count > MAX) {
            text.problem(
                    problems,
                    Codes.MATCHES_TOO_MANY,
                    "too many matches (expected: at most " + MAX + ", each counted once for every host)");
        }
        if (count > MAX) {
            return Optional.empty();
        }
        Optional<Match> match = parse(text);
        match.ifPresent(read -> {
            checkPort(read, text);
            addUnlessAmbiguous(new Placed(read, route, text.location(), text.path()), hosts);
        });
        return match;
    }

    private Optional<Match> parse(Text text) {
        int blank = text.text().indexOf(' ');
        String word = blank < 0 ? "" : text.text().substring(0, blank);
        String rest = text.text().substring(blank + 1);
        try {
            return switch (word) {
                case GRPC -> Optional.of(new Match.Grpc(GrpcMethods.parse(rest)));
                case TCP -> Optional.of(new Match.Tcp(port(rest)));
                default -> http(text, word, rest);
            };
        } catch (IllegalArgumentException invalid) {
            text.problem(problems, Codes.MATCH, text.text() + " (" + invalid.getMessage() + ")");
            return Optional.empty();
        }
    }

    private Optional<Match> http(Text text, String method, String path) {
        if (!Methods.isMethod(method)) {
            text.problem(
                    problems,
                    Codes.MATCH,
                    text.text() + " (expected: METHOD /path, as POST /charges/{id}; each method by its name, in upper"
                            + " case, and not CONNECT; or grpc pay.v1.Payments/Charge, or tcp 5432)");
            return Optional.empty();
        }
        return Optional.of(new Match.Http(method, Foreign.template(path)));
    }

    private static int port(String text) {
        int port = HostPort.port(text);
        if (port < 1) {
            throw new IllegalArgumentException("expected: tcp and a port of 1..65535, as tcp 5432");
        }
        return port;
    }

    /** HTTP conditions on an opaque port would be asked of nothing, and look like a rule all the same. */
    private void checkPort(Match match, Text text) {
        SortedMap<Integer, PortKind> declared = ports.orElseGet(java.util.Collections::emptySortedMap);
        if (declared.isEmpty()) {
            return;
        }
        boolean reachable = match instanceof Match.Tcp(int port)
                ? declared.get(port) == PortKind.TCP
                : declared.values().stream().anyMatch(kind -> kind != PortKind.TCP);
        if (!reachable) {
            text.problem(
                    problems,
                    Codes.MATCH_PORT,
                    match + ": the service declares no such port (expected: "
                            + (match instanceof Match.Tcp
                                    ? "a port that its ports say is tcp"
                                    : "a port that its ports say is http or grpc")
                            + ", in the Mesh)");
        }
    }

    /** The first clash of each match, naming both places. Within one route, too: a record names one template. */
    private void addUnlessAmbiguous(Placed later, Set<String> hosts) {
        Optional<PathTemplate> template = later.match().template();
        if (template.isEmpty()) {
            Placed earlier = connections.putIfAbsent(((Match.Tcp) later.match()).port(), later);
            if (earlier != null) {
                refuse(earlier, later, "");
            }
            return;
        }
        for (String host : hosts.isEmpty() ? Set.of("") : hosts) {
            addUnlessAmbiguous(later, template.get(), host);
        }
    }

    /** Routes for a host and routes for every host are asked one after the other: only those of one host can be confused. */
    private void addUnlessAmbiguous(Placed later, PathTemplate path, String host) {
        boolean spentBefore = budget.spent();
        hosts.computeIfAbsent(host, _ -> new Clashes<>(budget))
                .add(method(later.match()), path, later)
                .ifPresent(earlier -> refuse(earlier, later, host.isEmpty() ? "" : " for host " + host));
        if (budget.spent() && !spentBefore) {
            problems.add(
                    later.location(),
                    later.path(),
                    Codes.MATCHES_TOO_MANY,
                    later.match() + ": the matches overlap in too many ways to be told apart (expected: fewer variables"
                            + " before other segments, or routes of their own for each host)");
        }
    }

    private static String method(Match match) {
        return match instanceof Match.Http(String method, PathTemplate _) ? method : "POST";
    }

    private void refuse(Placed earlier, Placed later, String host) {
        problems.add(
                later.location(),
                later.path(),
                Codes.MATCH_AMBIGUOUS,
                later.match() + " of route " + later.route() + " cannot be told apart from " + earlier.match()
                        + " of route " + earlier.route() + " at " + earlier.location() + host
                        + " (expected: templates of which one is more specific, or no path in common)");
    }
}
