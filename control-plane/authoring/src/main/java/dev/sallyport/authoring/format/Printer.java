package dev.sallyport.authoring.format;

import dev.sallyport.authoring.schema.Vocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Documents in the canonical form. */
final class Printer {
    /** Wider, a flow mapping or list is written in lines. */
    private static final int COLUMNS_MAX = 160;

    private static final int STEP = 2;

    private final StringBuilder out = new StringBuilder();

    private Printer() {}

    static String print(List<Written.Slot> documents) {
        Printer printer = new Printer();
        for (int i = 0; i < documents.size(); i++) {
            if (i > 0) {
                printer.out.append("---\n");
            }
            printer.document(documents.get(i));
        }
        return printer.out.toString();
    }

    private void document(Written.Slot document) {
        Vocabulary vocabulary = Vocabulary.of(kind(document.value()));
        comments(document.before(), 0, true);
        comments(document.beside(), 0, false);
        switch (document.value()) {
            case Written.Collection root when !root.slots().isEmpty() -> block(root, vocabulary, 0);
            case Written.Collection root -> {
                comments(root.tail(), 0, true);
                line(0, flow(root, vocabulary));
            }
            case Written.Scalar scalar -> line(0, Scalars.write(scalar, false, true));
        }
    }

    /** Of a whole document; empty when it says none. */
    static String kind(Written root) {
        if (!(root instanceof Written.Collection collection)) {
            return "";
        }
        return collection.slots().stream()
                .filter(slot ->
                        slot.key().filter(key -> key.text().equals("kind")).isPresent())
                .map(slot -> slot.value() instanceof Written.Scalar scalar ? scalar.text() : "")
                .findFirst()
                .orElse("");
    }

    private void block(Written.Collection collection, Vocabulary vocabulary, int indent) {
        boolean first = true;
        for (Written.Slot slot : ordered(collection, vocabulary)) {
            comments(slot.before(), indent, first);
            if (collection.mapping()) {
                entry(slot, vocabulary, indent);
            } else {
                item(slot, vocabulary.item(), indent);
            }
            first = false;
        }
        comments(collection.tail(), indent, false);
    }

    /** Known keys in the order of the language, then the others in the author's; names and items stay where they are. */
    private static List<Written.Slot> ordered(Written.Collection collection, Vocabulary vocabulary) {
        List<String> order = vocabulary.keys();
        if (!collection.mapping() || order.isEmpty()) {
            return collection.slots();
        }
        List<Written.Slot> slots = new ArrayList<>(collection.slots());
        slots.sort(Comparator.comparingInt(slot -> {
            int index = order.indexOf(slot.key().orElseThrow().text());
            return index < 0 ? order.size() : index;
        }));
        return slots;
    }

    private void entry(Written.Slot slot, Vocabulary around, int indent) {
        Written.Scalar key = slot.key().orElseThrow();
        value(slot, around.key(key.text()), indent, Scalars.key(key, false) + ":");
    }

    private void value(Written.Slot slot, Vocabulary vocabulary, int indent, String head) {
        List<String> beside = slot.beside();
        if (beside.size() > 1) {
            comments(beside.subList(0, beside.size() - 1), indent, false);
        }
        String comment = beside.isEmpty() ? "" : "  " + beside.getLast();
        switch (slot.value()) {
            case Written.Scalar scalar
            when Scalars.literal(scalar) -> {
                line(indent, head + (scalar.text().endsWith("\n") ? " |" : " |-") + comment);
                scalar.text().lines().forEach(text -> line(text.isEmpty() ? 0 : indent + STEP, text));
            }
            case Written.Scalar scalar -> {
                String text = scalar(scalar, vocabulary, false);
                line(indent, head + (text.isEmpty() ? "" : " ") + text + comment);
            }
            case Written.Collection collection
            when inline(collection, vocabulary, indent + head.length() + 1) -> {
                comments(collection.tail(), indent, true); // of an empty one
                line(indent, head + " " + flow(collection, vocabulary) + comment);
            }
            case Written.Collection collection -> {
                line(indent, head + comment);
                block(collection, vocabulary, indent + STEP);
            }
        }
    }

    /** A mapping or list in a list begins behind the dash; what is said about its first line stands above the dash. */
    private void item(Written.Slot slot, Vocabulary vocabulary, int indent) {
        if (!(slot.value() instanceof Written.Collection collection) || inline(collection, vocabulary, indent + STEP)) {
            value(slot, vocabulary, indent, "-");
            return;
        }
        comments(slot.beside(), indent, false);
        Printer inner = new Printer();
        inner.block(collection, vocabulary, indent + STEP);
        int start = 0;
        while (inner.out.charAt(start) == '\n' || inner.out.charAt(start + indent + STEP) == '#') {
            int end = inner.out.indexOf("\n", start);
            line(start == end ? 0 : indent, inner.out.substring(start, end).strip());
            start = end + 1;
        }
        inner.out.setCharAt(start + indent, '-');
        out.append(inner.out, start, inner.out.length());
    }

    /** As its author wrote it, if it says nothing more than fits on a line. */
    private static boolean inline(Written.Collection collection, Vocabulary vocabulary, int column) {
        return collection.slots().isEmpty()
                || (collection.flow()
                        && !collection.commented()
                        && column + flow(collection, vocabulary).length() <= COLUMNS_MAX);
    }

    private static String flow(Written value, Vocabulary vocabulary) {
        return switch (value) {
            case Written.Scalar scalar -> scalar(scalar, vocabulary, true);
            case Written.Collection collection
            when collection.mapping() ->
                ordered(collection, vocabulary).stream()
                        .map(slot -> {
                            Written.Scalar key = slot.key().orElseThrow();
                            return Scalars.key(key, true) + ": " + flow(slot.value(), vocabulary.key(key.text()));
                        })
                        .collect(Collectors.joining(", ", "{", "}"));
            case Written.Collection collection ->
                collection.slots().stream()
                        .map(slot -> flow(slot.value(), vocabulary.item()))
                        .collect(Collectors.joining(", ", "[", "]"));
        };
    }

    /** Conditions always in quotes: unquoted, much of CEL is other YAML. Matches with variables too, so that they look alike inside of brackets and outside. */
    private static String scalar(Written.Scalar scalar, Vocabulary vocabulary, boolean flow) {
        boolean variables = vocabulary.match() && scalar.text().indexOf('{') >= 0;
        return Scalars.write(scalar, flow, vocabulary.condition() || variables);
    }

    /** At most one empty line at a time, and none at the beginning of a block. */
    private void comments(List<String> lines, int indent, boolean first) {
        boolean skip = first;
        for (String line : lines) {
            if (!line.isEmpty() || !skip) {
                line(line.isEmpty() ? 0 : indent, line);
            }
            skip = line.isEmpty();
        }
    }

    private void line(int indent, String text) {
        out.repeat(' ', indent).append(text).append('\n');
    }
}
