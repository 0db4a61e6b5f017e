package dev.sallyport.authoring.format;

import dev.sallyport.authoring.format.Format.Formatted;
import dev.sallyport.authoring.schema.Vocabulary;
import dev.sallyport.document.Location;
import dev.sallyport.document.Nearest;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.common.ScalarStyle;

/**
 * Mends what can only have been meant in one way, and formats: a key that nobody knows and of which exactly one known key is near, an item that stands twice in a list that is a set.
 * Whoever wrote the document sees what was done; a reviewer sees it in the change.
 */
public final class Repair {
    private final Source source;
    private final List<Change> changes = new ArrayList<>();

    private Repair(Source source) {
        this.source = source;
    }

    /** One thing that was mended, at its place in the source as it was. */
    public record Change(Location location, String path, String what) {
        @Override
        public String toString() {
            // A problem's text is safe to print, whatever the document holds.
            Problem shown = new Problem(location, path, "", what);
            return location + ": " + shown.path() + ": " + shown.message();
        }
    }

    /** The text to be written, canonical, and what was mended beside its form. */
    public record Repaired(String text, List<Change> changes) {
        public Repaired {
            changes = List.copyOf(changes);
        }
    }

    /** Empty for what cannot be formatted: it is left alone. */
    public static Optional<Repaired> of(Source source) {
        return Format.of(source) instanceof Formatted.Text(String canonical)
                ? Optional.of(new Repair(source).mend(canonical))
                : Optional.empty();
    }

    private Repaired mend(String canonical) {
        List<Written.Slot> documents = WrittenReader.read(source.text()).stream()
                .map(document -> {
                    Vocabulary vocabulary = Vocabulary.of(Printer.kind(document.value()));
                    return document.with(mended(document.value(), vocabulary, ""));
                })
                .toList();
        String text = changes.isEmpty() ? canonical : Printer.print(documents);
        List<Node> meant = documents.stream().map(slot -> node(slot.value())).toList();
        boolean proven = changes.isEmpty()
                || new Sameness(source.name(), meant, documents)
                        .difference(text)
                        .isEmpty();
        return proven ? new Repaired(text, changes) : new Repaired(canonical, List.of());
    }

    private Written mended(Written value, Vocabulary vocabulary, String path) {
        if (!(value instanceof Written.Collection collection)) {
            return value;
        }
        return collection.with(
                collection.mapping() ? entries(collection, vocabulary, path) : items(collection, vocabulary, path));
    }

    private List<Written.Slot> entries(Written.Collection mapping, Vocabulary vocabulary, String path) {
        Set<String> written = new HashSet<>();
        mapping.slots().forEach(slot -> written.add(slot.key().orElseThrow().text()));
        List<Written.Slot> slots = new ArrayList<>();
        for (Written.Slot slot : mapping.slots()) {
            Written.Scalar key = slot.key().orElseThrow();
            String place = path.isEmpty() ? key.text() : path + "." + key.text();
            Optional<String> meant = meant(key.text(), vocabulary, written);
            meant.ifPresent(known -> {
                written.add(known);
                changes.add(new Change(location(key.start()), place, "unknown, renamed to " + known));
            });
            Written.Scalar name = meant.map(
                            known -> new Written.Scalar(key.start(), key.end(), known, ScalarStyle.PLAIN))
                    .orElse(key);
            slots.add(new Written.Slot(
                    Optional.of(name),
                    mended(slot.value(), vocabulary.key(name.text()), place),
                    slot.before(),
                    slot.beside()));
        }
        return slots;
    }

    /** The one known key that is near and not written yet. With two near ones (allRole: allRoles, anyRole) only its author knows. */
    private static Optional<String> meant(String key, Vocabulary vocabulary, Set<String> written) {
        if (vocabulary.named() || vocabulary.keys().contains(key)) {
            return Optional.empty();
        }
        List<String> known = new ArrayList<>(vocabulary.keys());
        Optional<String> nearest = Nearest.to(key, known);
        nearest.ifPresent(known::remove);
        return nearest.filter(
                one -> !written.contains(one) && Nearest.to(key, known).isEmpty());
    }

    private List<Written.Slot> items(Written.Collection list, Vocabulary vocabulary, String path) {
        Set<String> seen = new HashSet<>();
        List<Written.Slot> slots = new ArrayList<>();
        for (int i = 0; i < list.slots().size(); i++) {
            Written.Slot slot = list.slots().get(i);
            String place = path + "[" + i + "]";
            boolean again = vocabulary.set()
                    && slot.value() instanceof Written.Scalar scalar
                    && !seen.add(scalar.text())
                    && !slot.commented();
            if (again) {
                String text = ((Written.Scalar) slot.value()).text();
                changes.add(new Change(location(slot.start()), place, text + ": a second time, removed"));
            } else {
                slots.add(slot.with(mended(slot.value(), vocabulary.item(), place)));
            }
        }
        return slots;
    }

    private static Node node(Written value) {
        Location nowhere = new Location("", 1, 1);
        return switch (value) {
            case Written.Scalar scalar -> new Node.Scalar(nowhere, scalar.text(), scalar.plain());
            case Written.Collection collection
            when collection.mapping() -> {
                LinkedHashMap<String, Node.Entry> entries = new LinkedHashMap<>();
                collection
                        .slots()
                        .forEach(slot -> entries.put(
                                slot.key().orElseThrow().text(), new Node.Entry(nowhere, node(slot.value()))));
                yield new Node.Mapping(nowhere, entries);
            }
            case Written.Collection collection ->
                new Node.Sequence(
                        nowhere,
                        collection.slots().stream()
                                .map(slot -> node(slot.value()))
                                .toList());
        };
    }

    private Location location(int codePoint) {
        String before = source.text().substring(0, source.text().offsetByCodePoints(0, codePoint));
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        String ownLine = before.substring(before.lastIndexOf('\n') + 1);
        return new Location(source.name(), line, 1 + ownLine.codePointCount(0, ownLine.length()));
    }
}
