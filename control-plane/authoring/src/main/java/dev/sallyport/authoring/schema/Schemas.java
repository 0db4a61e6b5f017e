package dev.sallyport.authoring.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.document.Node;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** JSON Schema (draft-07, which YAML language servers read) of each kind of document, and of all of them. Each stands alone: no other file is needed to use it. */
public final class Schemas {
    private static final String DRAFT = "http://json-schema.org/draft-07/schema#";
    private static final String ID = "https://sallyport.dev/schema/";
    private static final JsonFactory JSON = new JsonFactory();

    private Schemas() {}

    /** {@code Mesh}, {@code RoutePolicy}, {@code Guardrail}, {@code PolicyTest}. */
    public static List<String> kinds() {
        return List.copyOf(Parts.kinds().keySet());
    }

    /** Of one kind, in any case; JSON that people can read. Empty for a kind that there is not. */
    public static Optional<String> of(String kind) {
        return Parts.kinds().entrySet().stream()
                .filter(known -> known.getKey().equalsIgnoreCase(kind))
                .map(known -> write("v1/" + known.getKey() + ".json", known.getValue()))
                .findFirst();
    }

    /** Of every kind: what an editor is given for a folder of documents. */
    public static String all() {
        return write("v1.json", Parts.union());
    }

    private static String write(String file, Node.Mapping root) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeStringField("$schema", DRAFT);
            json.writeStringField("$id", ID + file);
            entries(json, root);
            json.writeObjectFieldStart("definitions");
            for (String ref : refs(root, new TreeSet<>())) {
                json.writeFieldName(Parts.name(ref));
                value(json, Parts.definition(ref));
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing a text in memory", e);
        }
        return out.append('\n').toString();
    }

    /** All that {@code node} names, and what that names in turn. */
    private static Set<String> refs(Node node, Set<String> found) {
        switch (node) {
            case Node.Mapping mapping ->
                mapping.entries().forEach((key, entry) -> {
                    if (key.equals(Parts.REF) && entry.value() instanceof Node.Scalar ref && found.add(ref.text())) {
                        refs(Parts.definition(ref.text()), found);
                    }
                    refs(entry.value(), found);
                });
            case Node.Sequence list -> list.items().forEach(item -> refs(item, found));
            case Node.Scalar _ -> {}
        }
        return found;
    }

    private static void value(JsonGenerator json, Node node) throws IOException {
        switch (node) {
            case Node.Mapping mapping -> {
                json.writeStartObject();
                entries(json, mapping);
                json.writeEndObject();
            }
            case Node.Sequence list -> {
                json.writeStartArray();
                for (Node item : list.items()) {
                    value(json, item);
                }
                json.writeEndArray();
            }
            case Node.Scalar scalar when scalar.plain() -> json.writeRawValue(scalar.text());
            case Node.Scalar scalar -> json.writeString(scalar.text());
        }
    }

    private static void entries(JsonGenerator json, Node.Mapping mapping) throws IOException {
        // Draft-07 section 8.3: what stands beside a $ref counts for nothing. Within allOf the description does.
        boolean beside = mapping.entries().size() > 1 && mapping.entries().containsKey(Parts.REF);
        for (Map.Entry<String, Node.Entry> entry : mapping.entries().entrySet()) {
            boolean wrapped = beside && entry.getKey().equals(Parts.REF);
            json.writeFieldName(wrapped ? "allOf" : entry.getKey());
            if (wrapped) {
                json.writeStartArray();
                json.writeStartObject();
                json.writeFieldName(Parts.REF);
            }
            value(json, entry.getValue().value());
            if (wrapped) {
                json.writeEndObject();
                json.writeEndArray();
            }
        }
    }
}
