package dev.sallyport.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** JSON as RFC 8259 has it: no comments, no trailing commas, one value. Duplicate keys are found by {@link Tree}, which names both places. */
final class JsonTree {
    // Canonicalizing field names into shared tables would let a stranger's keys outlive the parse.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final Source source;
    private final Tree tree;

    JsonTree(Source source, Tree tree) {
        this.source = source;
        this.tree = tree;
    }

    List<Node> documents() throws Tree.Refused {
        try (JsonParser parser = FACTORY.createParser(source.text())) {
            if (parser.nextToken() == null) {
                return List.of();
            }
            Node node = node(parser, 1);
            if (parser.nextToken() != null) {
                throw new Tree.Refused(
                        place(parser.currentTokenLocation()),
                        Code.SYNTAX,
                        "a second value (expected: one JSON object in a file)");
            }
            return List.of(node);
        } catch (JsonProcessingException syntax) {
            throw new Tree.Refused(
                    place(syntax.getLocation()), Code.SYNTAX, "not JSON: " + syntax.getOriginalMessage());
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading a text in memory", impossible);
        }
    }

    /** The value at whose first token the parser stands. */
    private Node node(JsonParser parser, int depth) throws IOException, Tree.Refused {
        Location location = place(parser.currentTokenLocation());
        tree.begin(location, depth);
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(parser, location, depth);
            case START_ARRAY -> sequence(parser, location, depth);
            case VALUE_STRING -> new Node.Scalar(location, parser.getText(), false);
            default -> new Node.Scalar(location, parser.getText(), true); // number, true, false, null
        };
    }

    private Node sequence(JsonParser parser, Location location, int depth) throws IOException, Tree.Refused {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(parser, depth + 1));
        }
        return new Node.Sequence(location, items);
    }

    private Node mapping(JsonParser parser, Location location, int depth) throws IOException, Tree.Refused {
        LinkedHashMap<String, Node.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Location keyLocation = place(parser.currentTokenLocation());
            tree.begin(keyLocation, depth + 1);
            parser.nextToken();
            tree.put(entries, key, new Node.Entry(keyLocation, node(parser, depth + 1)));
        }
        return new Node.Mapping(location, entries);
    }

    private Location place(JsonLocation at) {
        return new Location(source.name(), Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()));
    }
}
