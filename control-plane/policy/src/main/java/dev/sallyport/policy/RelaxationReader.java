package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Nearest;
import dev.sallyport.document.Text;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads what a service says of its application's reading of requests: {@code relax}, by port and by name, and {@code paths}. */
final class RelaxationReader {
    private static final String RELAX = "relax";
    private static final List<String> SEGMENTS = List.of("encodedSlash", "emptySegments", "matrixParameters");
    private static final String HEADERS = "overrideHeaders";
    private static final String CASE = "case";
    private static final String TRAILING_SLASH = "trailingSlash";

    /** The one word: what is relaxed is data to the application, not that anything is well. */
    private static final String DATA = "data";

    private RelaxationReader() {}

    /** Of a service with these ports; {@code declared}: as they are written, for what is wrong with one is a problem already. */
    static SortedMap<Integer, Relaxations> relax(
            Fields service, Set<String> declared, Map<Integer, Mesh.PortKind> ports) {
        SortedMap<Integer, Relaxations> relax = new TreeMap<>();
        Bound.PORTS.named(service, RELAX).forEach((port, fields) -> {
            int number = HostPort.port(port);
            Optional<Relaxations> relaxations = relaxations(fields);
            if (!declared.contains(port)) {
                problem(fields, port + ": no port of this service (expected: one of " + ports.keySet() + ")");
            } else if (ports.get(number) == Mesh.PortKind.TCP) {
                problem(fields, port + ": carries no requests (expected: a port of kind http or grpc)");
            } else {
                relaxations.ifPresent(named -> relax.put(number, named));
            }
        });
        return relax;
    }

    private static Optional<Relaxations> relaxations(Fields fields) {
        List<Boolean> data = SEGMENTS.stream().map(key -> data(fields, key)).toList();
        Set<String> headers = new TreeSet<>();
        for (Text header : fields.optionalPlacedTexts(HEADERS)) {
            if (OverridingHeaders.NAMES.contains(header.text())) {
                headers.add(header.text());
            } else {
                header.problem(
                        fields.problems(),
                        Codes.RELAXATION,
                        header.text() + ": passes already, or is no header"
                                + Nearest.to(header.text(), OverridingHeaders.NAMES)
                                        .map(nearest -> " (did you mean " + nearest + "?)")
                                        .orElse(" (expected: one that overrides method, path or host, as"
                                                + " x-forwarded-prefix, in lower case)"));
            }
        }
        done(fields, SEGMENTS, HEADERS);
        Relaxations read = new Relaxations(data.get(0), data.get(1), data.get(2), headers);
        return read.equals(Relaxations.NONE) ? Optional.empty() : Optional.of(read);
    }

    private static boolean data(Fields fields, String key) {
        return fields.oneOf(key, "", DATA).equals(DATA);
    }

    private static void problem(Fields fields, String message) {
        fields.problems().add(fields.location(), fields.path(), Codes.RELAXATION, message);
    }

    static Paths paths(Fields service) {
        return service.optionalFields("paths").map(RelaxationReader::declared).orElse(Paths.LOOSEST);
    }

    private static Paths declared(Fields fields) {
        String letters = fields.oneOf(CASE, "insensitive", "insensitive", "sensitive");
        String slash = fields.oneOf(TRAILING_SLASH, "ignored", "ignored", "significant");
        done(fields, List.of(CASE), TRAILING_SLASH);
        return new Paths(letters.equals("sensitive"), slash.equals("significant"));
    }

    /** Something must be said: an empty mapping is one problem, as is one that has nothing but a mistyped key. */
    private static void done(Fields fields, List<String> keys, String last) {
        int before = fields.problems().list().size();
        fields.done();
        boolean empty = !fields.has(last) && keys.stream().noneMatch(fields::has);
        if (empty && fields.problems().list().size() == before) {
            fields.missing(keys.getFirst(), String.join(", ", keys) + " or " + last);
        }
    }
}
