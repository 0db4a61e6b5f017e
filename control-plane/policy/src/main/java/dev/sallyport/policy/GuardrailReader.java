package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Text;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.Guardrail.LooseMatch;
import dev.sallyport.policy.Guardrail.Targets;
import dev.sallyport.policy.RoutePolicy.Callers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads one Guardrail document against the Mesh. */
final class GuardrailReader {
    private final Reading reading;
    private final Header header;

    GuardrailReader(Reading reading, Header header) {
        this.reading = reading;
        this.header = header;
    }

    /** Incomplete where there are problems. */
    Guardrail read() {
        Fields spec = header.spec();
        boolean dryRun = spec.oneOf("mode", Observation.ENFORCE, Observation.ENFORCE, Observation.DRY_RUN)
                .equals(Observation.DRY_RUN);
        if (!spec.has("deny")) {
            spec.missing("deny", "name: {to: [service] | any-mesh, unlessFrom: [service]}");
        }
        Map<String, Denial> denials = new TreeMap<>();
        Bound.DENIALS.named(spec, "deny").forEach((name, fields) -> denials.put(name, denial(name, fields)));
        spec.done();
        return new Guardrail(header.name(), header.owner(), dryRun, new TreeMap<>(denials));
    }

    private Denial denial(String name, Fields fields) {
        Names.check(name, fields);
        Denial denial = new Denial(
                name,
                targets(fields),
                matches(fields),
                callers(fields, "from"),
                WhenReader.read(reading, fields, "when"),
                callers(fields, "unlessFrom"),
                fields.has("unlessUser")
                        ? Optional.of(new UserReader(reading, fields, "unlessUser").readProven())
                        : Optional.empty(),
                FieldConditionReader.read(reading, fields, "unlessHeaders", "unlessQuery"),
                WhenReader.read(reading, fields, "unlessWhen"));
        fields.done();
        return denial;
    }

    private Targets targets(Fields fields) {
        List<Text> names = Bound.DENIED_SERVICES.texts(fields, "to");
        TreeSet<String> services = new TreeSet<>();
        for (Text name : names) {
            if (!name.text().equals(DocumentSetReader.ANY_MESH)) {
                reading.mesh().ifPresent(mesh -> mesh.checkService(name));
                services.add(name.text());
            }
        }
        boolean anyMesh = services.size() < names.size()
                && names.stream().anyMatch(name -> name.text().equals(DocumentSetReader.ANY_MESH));
        if (anyMesh && names.size() > 1) {
            fields.problem(
                    "to", Code.VALUE, "any-mesh beside others (expected: any-mesh alone, or the names without it)");
        }
        return new Targets(anyMesh, services);
    }

    private List<LooseMatch> matches(Fields fields) {
        List<LooseMatch> matches = new ArrayList<>();
        for (Text text : Bound.DENIED_MATCHES.optionalTexts(fields, "match")) {
            int blank = text.text().indexOf(' ');
            Optional<String> method =
                    blank < 0 ? Optional.empty() : Optional.of(text.text().substring(0, blank));
            try {
                if (method.filter(word -> !Methods.isMethod(word)).isPresent()) {
                    throw new IllegalArgumentException(
                            "expected: /path/** or METHOD /path/**, each method by its name, in upper case");
                }
                matches.add(new LooseMatch(method, Foreign.template(text.text().substring(blank + 1))));
            } catch (IllegalArgumentException invalid) {
                text.problem(reading.problems(), Codes.MATCH, text.text() + " (" + invalid.getMessage() + ")");
            }
        }
        matches.sort(Comparator.comparing(LooseMatch::toString));
        return matches;
    }

    private Optional<Callers> callers(Fields fields, String key) {
        return fields.has(key) ? Optional.of(new CallersReader(reading).read(fields, key)) : Optional.empty();
    }
}
