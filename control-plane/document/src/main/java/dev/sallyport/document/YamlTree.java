package dev.sallyport.document;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** YAML 1.2 by its events: values are never typed or built by the YAML library, so nothing in a text can name a type. */
final class YamlTree {
    private final Source source;
    private final Tree tree;
    private final Iterator<Event> events;

    YamlTree(Source source, Tree tree) {
        this.source = source;
        this.tree = tree;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source.name())
                .setCodePointLimit(Limits.SNAPSHOT.chars()) // ours is checked before
                .build();
        this.events = new Parse(settings).parseString(source.text()).iterator();
    }

    List<Node> documents() throws Tree.Refused {
        List<Node> documents = new ArrayList<>();
        try {
            while (events.hasNext()) {
                Event event = events.next();
                if (event instanceof DocumentStartEvent start) {
                    refuseDirectives(start);
                    Node node = node(events.next(), 1);
                    if (!(node instanceof Node.Scalar scalar && scalar.isNull())) { // nothing between two "---"
                        documents.add(node);
                    }
                }
            }
        } catch (MarkedYamlEngineException syntax) {
            throw new Tree.Refused(place(syntax.getProblemMark()), Code.SYNTAX, message(syntax));
        } catch (YamlEngineException syntax) {
            throw new Tree.Refused(new Location(source.name(), 1, 1), Code.SYNTAX, "not YAML: " + syntax.getMessage());
        }
        return documents;
    }

    private Node node(Event event, int depth) throws Tree.Refused {
        Location location = place(event.getStartMark());
        tree.begin(location, depth);
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            String what = event instanceof AliasEvent ? "an alias, *" : "an anchor, &";
            tree.problems.add(
                    location,
                    "",
                    Code.ALIAS,
                    what + node.getAnchor().get().getValue()
                            + " (expected: the value itself, written out at each place)");
        }
        return switch (event) {
            case ScalarEvent scalar -> {
                refuseTag(scalar.getTag(), location);
                yield new Node.Scalar(location, scalar.getValue(), scalar.getScalarStyle() == ScalarStyle.PLAIN);
            }
            case CollectionStartEvent start -> {
                refuseTag(start.getTag(), location);
                yield start instanceof SequenceStartEvent ? sequence(location, depth) : mapping(location, depth);
            }
            default -> new Node.Scalar(location, "", true); // an alias, already a problem
        };
    }

    private Node sequence(Location location, int depth) throws Tree.Refused {
        List<Node> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Node.Sequence(location, items);
    }

    private Node mapping(Location location, int depth) throws Tree.Refused {
        LinkedHashMap<String, Node.Entry> entries = new LinkedHashMap<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            Node key = node(event, depth + 1);
            Node value = node(events.next(), depth + 1);
            if (!(key instanceof Node.Scalar scalar)) {
                tree.problems.add(
                        key.location(), "", Code.KEY, key.form() + " as a key (expected: a name before the colon)");
            } else if (scalar.text().equals("<<")) {
                tree.problems.add(
                        key.location(), "", Code.MERGE_KEY, "a merge key, << (expected: the keys, written out)");
            } else {
                tree.put(entries, scalar.text(), new Node.Entry(scalar.location(), value));
            }
        }
        return new Node.Mapping(location, entries);
    }

    private void refuseDirectives(DocumentStartEvent start) {
        if (start.getSpecVersion().isPresent() || !start.getTags().isEmpty()) {
            tree.problems.add(place(start.getStartMark()), "", Code.TAG, "a directive, %YAML or %TAG (expected: none)");
        }
    }

    private void refuseTag(Optional<?> tag, Location location) {
        tag.ifPresent(value ->
                tree.problems.add(location, "", Code.TAG, "a tag, " + value + " (expected: the value without it)"));
    }

    private static String message(MarkedYamlEngineException syntax) {
        String context = syntax.getContext() == null ? "" : syntax.getContext() + ": ";
        return "not YAML: " + context + syntax.getProblem() + " (expected: YAML 1.2, indented with blanks; quote texts"
                + " that hold : # { } [ ] * & !)";
    }

    /** Lines and columns of the library count from 0. */
    private Location place(Optional<Mark> mark) {
        return mark.map(at -> new Location(source.name(), at.getLine() + 1, at.getColumn() + 1))
                .orElseGet(() -> new Location(source.name(), 1, 1));
    }
}
