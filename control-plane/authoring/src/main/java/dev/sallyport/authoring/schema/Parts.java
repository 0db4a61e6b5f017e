package dev.sallyport.authoring.schema;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The schemas as they are written: a resource for each kind, {@code common.json} for what several say. Every {@code $ref} is {@code #/definitions/NAME}, of whichever file. */
final class Parts {
    static final String REF = "$ref";

    private static final String DEFINITIONS = "definitions";
    private static final String PREFIX = "#/definitions/";
    private static final Map<String, String> FILES = new LinkedHashMap<>();
    private static final Map<String, Node.Mapping> KINDS = new LinkedHashMap<>();
    private static final Map<String, Node.Mapping> ALL_DEFINITIONS = new LinkedHashMap<>();
    private static final Node.Mapping UNION;

    static {
        FILES.put("Mesh", "mesh.json");
        FILES.put("RoutePolicy", "route-policy.json");
        FILES.put("Guardrail", "guardrail.json");
        FILES.put("PolicyTest", "policy-test.json");
        FILES.forEach((kind, file) -> KINDS.put(kind, withoutDefinitions(read(file))));
        ALL_DEFINITIONS.putAll(KINDS);
        withoutDefinitions(read("common.json"));
        UNION = read("v1.json");
    }

    private Parts() {}

    /** By kind, in the order in which people read them. */
    static Map<String, Node.Mapping> kinds() {
        return KINDS;
    }

    /** Of every kind, told apart by {@code kind}. */
    static Node.Mapping union() {
        return UNION;
    }

    /** What {@code "$ref": "#/definitions/NAME"} names; a kind is a definition too. */
    static Node.Mapping definition(String ref) {
        Node.Mapping definition = ALL_DEFINITIONS.get(name(ref));
        if (definition == null) {
            throw new IllegalStateException(ref + ": defined nowhere");
        }
        return definition;
    }

    static String name(String ref) {
        return ref.substring(PREFIX.length());
    }

    private static Node.Mapping withoutDefinitions(Node.Mapping file) {
        Node.Entry own = file.entries().remove(DEFINITIONS);
        if (own != null && own.value() instanceof Node.Mapping definitions) {
            definitions.entries().forEach((name, entry) -> {
                if (ALL_DEFINITIONS.putIfAbsent(name, (Node.Mapping) entry.value()) != null) {
                    throw new IllegalStateException(name + ": defined twice");
                }
            });
        }
        return file;
    }

    private static Node.Mapping read(String file) {
        try (InputStream in = Parts.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + ": not on the class path");
            }
            Source source = new Source(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            Problems problems = new Problems();
            Node root = Documents.parse(source, problems).getFirst();
            if (!problems.isEmpty()) {
                throw new IllegalStateException(problems.list().toString());
            }
            return (Node.Mapping) root;
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }
}
