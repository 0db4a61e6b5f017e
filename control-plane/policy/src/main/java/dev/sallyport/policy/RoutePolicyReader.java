package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads one RoutePolicy document against the Mesh; without one, references are not judged. */
final class RoutePolicyReader {
    private final Optional<MeshReader> mesh;
    private final DocumentSetReader.Header header;
    private final Problems problems;
    private final Matches matches;

    RoutePolicyReader(Optional<MeshReader> mesh, DocumentSetReader.Header header) {
        this.mesh = mesh;
        this.header = header;
        this.problems = header.spec().problems();
        this.matches = new Matches(problems);
    }

    /** Incomplete where there are problems. */
    RoutePolicy read() {
        Fields spec = header.spec();
        String service = spec.text("service");
        if (!service.isEmpty()) {
            mesh.ifPresent(known -> known.checkService(spec.placed("service", service)));
        }
        if (!spec.has("routes")) {
            spec.missing("routes", "name: {match: …, allow: …}; without a RoutePolicy every request is denied");
        }
        Map<String, Route> routes = new TreeMap<>();
        spec.named("routes").forEach((name, fields) -> routes.put(name, route(name, fields)));
        spec.later("mode", "until", "limit", "audit", "when", "dryRun", "candidate");
        spec.done();
        return new RoutePolicy(header.name(), service, header.owner(), false, Optional.empty(), new TreeMap<>(routes));
    }

    private Route route(String name, Fields fields) {
        Names.check(name, fields);
        List<Match> read = new ArrayList<>();
        for (Text text : fields.placedTexts("match")) {
            matches.read(name, text).ifPresent(read::add);
        }
        if (!fields.has("allow")) {
            fields.missing("allow", "name: {from: [service], user: none | optional | required | {issuer: …}}");
        }
        Map<String, Rule> rules = new TreeMap<>();
        fields.named("allow").forEach((rule, body) -> rules.put(rule, rule(rule, body)));
        fields.later("limit", "audit", "mode", "until", "when", "dryRun", "retry", "timeout", "deny");
        fields.done();
        return new Route(
                name,
                read,
                new TreeSet<>(),
                List.of(),
                Optional.empty(),
                RoutePolicy.AuditMode.BUFFERED,
                Optional.empty(),
                new TreeMap<>(),
                new TreeMap<>(rules));
    }

    private Rule rule(String name, Fields fields) {
        Names.check(name, fields);
        Callers from = callers(fields);
        RoutePolicy.UserRequirement user = new UserReader(mesh, fields).read();
        boolean forwardToken = fields.bool("forwardToken", false);
        fields.later("when", "expires", "mode", "opa", "limit", "audit", "via", "forwardUnverified", "maxTokenAge");
        fields.done();
        return new Rule(
                name, from, user, List.of(), Optional.empty(), Optional.empty(), Optional.empty(), false, forwardToken);
    }

    private Callers callers(Fields fields) {
        boolean anyMesh = false;
        Set<SpiffeId> identities = new TreeSet<>();
        List<Text> names = fields.placedTexts("from");
        for (Text name : names) {
            if (name.text().equals(DocumentSetReader.ANY_MESH)) {
                anyMesh = true;
            } else if (name.text().startsWith("spiffe:")) {
                identity(name).ifPresent(identities::add);
            } else if (mesh.isPresent() && mesh.get().checkService(name)) {
                mesh.get().identity(name.text()).ifPresent(identities::add);
            }
        }
        if (anyMesh && names.size() > 1) {
            fields.problem(
                    "from", Code.VALUE, "any-mesh beside others (expected: any-mesh alone, or the names without it)");
        }
        return new Callers(anyMesh, identities, names.stream().map(Text::text).toList());
    }

    /** A full SPIFFE ID, compared exactly. Unknown identities fail at load: nobody could ever call under them. */
    private Optional<SpiffeId> identity(Text text) {
        Optional<SpiffeId> id = Identities.id(text, problems);
        if (id.isPresent() && mesh.isPresent() && !mesh.get().declares(id.get())) {
            text.problem(
                    problems,
                    Codes.IDENTITY_UNKNOWN,
                    text.text() + ": no service of the Mesh has this identity (expected: declare it there)");
        }
        return id;
    }
}
