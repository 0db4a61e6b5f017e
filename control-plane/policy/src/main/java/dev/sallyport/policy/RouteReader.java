package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Text;
import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads one route of a RoutePolicy. */
final class RouteReader {
    private final Reading reading;
    private final Matches matches;
    private final boolean candidate;
    private final Fields route;

    RouteReader(Reading reading, Matches matches, boolean candidate, Fields route) {
        this.reading = reading;
        this.matches = matches;
        this.candidate = candidate;
        this.route = route;
    }

    Route read(String name) {
        Names.check(name, route);
        Set<String> hosts = hosts();
        List<Match> read = matches(name, hosts);
        boolean tcp = read.stream().anyMatch(Match.Tcp.class::isInstance);
        if (tcp) {
            Connections.refuse(route, "hosts", "headers", "query", "record");
        }
        List<FieldCondition> fields = FieldConditionReader.read(reading, route, "headers", "query");
        Map<String, Rule> rules = rules(tcp, fields);
        Optional<Limit> limit = LimitReader.read(route);
        limit.ifPresent(stated -> checkLimit(stated, rules.values()));
        AuditMode audit = audit(read);
        Optional<Instant> until = until();
        Map<String, Recording> record = RecordReader.read(reading, route, read);
        route.later("when", "dryRun", "retry", "timeout", "deny");
        route.done();
        return new Route(
                name,
                read,
                new TreeSet<>(hosts),
                fields,
                limit,
                audit,
                until,
                new TreeMap<>(record),
                new TreeMap<>(rules));
    }

    private Set<String> hosts() {
        Set<String> hosts = new TreeSet<>();
        for (Text text : Bound.HOSTS.optionalTexts(route, "hosts")) {
            if (isCanonicalHost(text.text())) {
                hosts.add(text.text());
            } else {
                text.problem(
                        reading.problems(),
                        Codes.HOST,
                        text.text() + " (expected: a whole host name in lower case, without port, wildcard or last dot;"
                                + " no hosts for every host)");
            }
        }
        return hosts;
    }

    /** The form in which requests are compared; any other would never match. */
    private static boolean isCanonicalHost(String text) {
        try {
            Authority authority = Authority.parse(text);
            return authority.port().isEmpty() && authority.host().equals(text);
        } catch (RequestRejectedException never) {
            return false;
        }
    }

    private List<Match> matches(String name, Set<String> hosts) {
        List<Match> read = new ArrayList<>();
        for (Text text : Bound.ROUTE_MATCHES.texts(route, "match")) {
            Optional<Match> match = matches.read(name, hosts, text);
            if (match.isPresent()
                    && !read.isEmpty()
                    && read.getFirst().getClass() != match.get().getClass()) {
                text.problem(
                        reading.problems(),
                        Codes.MATCH_KINDS,
                        match.get() + " beside " + read.getFirst()
                                + " (expected: HTTP, grpc or tcp matches in one route; another route for the others)");
            }
            match.ifPresent(read::add);
        }
        read.sort(
                Comparator.comparing(Match::toString)); // the order says nothing, so the digest shall not depend on it
        return read;
    }

    private Map<String, Rule> rules(boolean tcp, List<FieldCondition> fields) {
        if (!route.has("allow")) {
            route.missing("allow", "name: {from: [service], user: none | optional | required | {issuer: …}}");
        }
        Map<String, Rule> rules = new TreeMap<>();
        RuleReader reader = new RuleReader(reading, tcp, fields);
        Bound.ROUTE_RULES.named(route, "allow").forEach((name, rule) -> rules.put(name, reader.read(name, rule)));
        return rules;
    }

    /** A bucket of a user whom nobody has proven would be a bucket of whoever says so. */
    private void checkLimit(Limit limit, Collection<Rule> rules) {
        for (Rule rule : rules) {
            boolean proves = rule.user() instanceof UserRequirement.Required
                    || rule.user() instanceof UserRequirement.Conditions;
            if (limit.per() == Limit.Per.USER && !proves) {
                route.problem(
                        "limit",
                        Codes.LIMIT_USER,
                        "per: user, and rule " + rule.name()
                                + " proves none (expected: user: required or conditions in every rule, or per: caller)");
            }
        }
    }

    private AuditMode audit(List<Match> read) {
        String audit = route.oneOf("audit", "buffered", "buffered", "overlapped", "required");
        Optional<Match> change = read.stream().filter(Match::mutating).findFirst();
        if (audit.equals("overlapped") && change.isPresent()) {
            route.problem(
                    "audit",
                    Codes.AUDIT_OVERLAPPED,
                    "overlapped, and " + change.get()
                            + " asks for a change (expected: required; overlapped is for GET, HEAD, OPTIONS and TRACE only)");
        }
        return AuditMode.valueOf(audit.toUpperCase(Locale.ROOT));
    }

    private Optional<Instant> until() {
        String mode = route.oneOf("mode", Observation.ENFORCE, Observation.ENFORCE, Observation.OBSERVE);
        if (candidate && mode.equals(Observation.OBSERVE)) {
            route.problem(
                    "mode",
                    Code.VALUE,
                    "observe in a policy of mode: dryRun (expected: enforce; a candidate forwards and refuses nothing)");
        }
        return Observation.until(route, mode);
    }
}
