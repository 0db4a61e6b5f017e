package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Text;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.RoutePolicy.Callers;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code from} and {@code unlessFrom}: services by name, identities, patterns of identities, or {@code any-mesh}. */
final class CallersReader {
    private final Reading reading;

    CallersReader(Reading reading) {
        this.reading = reading;
    }

    Callers read(Fields fields, String key) {
        boolean anyMesh = false;
        Set<SpiffeId> identities = new TreeSet<>();
        List<Text> names = Bound.CALLERS.texts(fields, key);
        for (Text name : names) {
            if (name.text().equals(DocumentSetReader.ANY_MESH)) {
                anyMesh = true;
            } else if (SpiffePattern.isPattern(name.text())) {
                identities.addAll(resolved(name));
            } else if (name.text().startsWith("spiffe:")) {
                identity(name).ifPresent(identities::add);
            } else {
                service(name).ifPresent(identities::add);
            }
        }
        if (anyMesh && names.size() > 1) {
            fields.problem(
                    key, Code.VALUE, "any-mesh beside others (expected: any-mesh alone, or the names without it)");
        }
        return new Callers(anyMesh, identities, names.stream().map(Text::text).toList());
    }

    private Optional<SpiffeId> service(Text name) {
        Optional<String> other = Foreign.hint(name.text());
        if (other.isPresent()) {
            name.problem(reading.problems(), Codes.SERVICE_UNKNOWN, name.text() + " (expected: " + other.get() + ")");
            return Optional.empty();
        }
        return reading.mesh().filter(mesh -> mesh.checkService(name)).flatMap(mesh -> mesh.identity(name.text()));
    }

    /** Among the identities that the Mesh declares: nobody else is ever let in by a pattern. */
    private Set<SpiffeId> resolved(Text text) {
        Optional<SpiffePattern> pattern = SpiffePattern.parse(text, reading.problems());
        if (pattern.isEmpty() || reading.mesh().isEmpty()) {
            return Set.of();
        }
        MeshReader mesh = reading.mesh().get();
        if (mesh.trustDomain()
                .filter(own -> !own.equals(pattern.get().trustDomain()))
                .isPresent()) {
            text.problem(
                    reading.problems(),
                    Codes.IDENTITY_FOREIGN,
                    text.text() + ": of another trust domain (expected: spiffe://"
                            + mesh.trustDomain().get() + "/…)");
            return Set.of();
        }
        Set<SpiffeId> identities = new TreeSet<>();
        mesh.identities().stream().filter(pattern.get()::matches).forEach(identities::add);
        if (identities.isEmpty()) {
            text.problem(
                    reading.problems(),
                    Codes.IDENTITY_UNKNOWN,
                    text.text() + ": no service of the Mesh has such an identity (expected: one that matches)");
        }
        return identities;
    }

    /** A full SPIFFE ID, compared exactly. Unknown identities fail at load: nobody could ever call under them. */
    private Optional<SpiffeId> identity(Text text) {
        Optional<SpiffeId> id = Identities.id(text, reading.problems());
        if (id.isPresent()
                && reading.mesh()
                        .filter(mesh -> !mesh.identities().contains(id.get()))
                        .isPresent()) {
            text.problem(
                    reading.problems(),
                    Codes.IDENTITY_UNKNOWN,
                    text.text() + ": no service of the Mesh has this identity (expected: declare it there)");
        }
        return id;
    }
}
