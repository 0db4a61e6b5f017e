package dev.sallyport.authoring.format;

import dev.sallyport.authoring.schema.Vocabulary;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Whether a text says what is meant: to the reader of documents, of which a set is a function, and to people, by its comments. */
final class Sameness {
    private final String file;
    private final List<Node> meant;
    private final List<String> comments;

    /** What is meant, in two views: {@code documents} for their comments. */
    Sameness(String file, List<Node> meant, List<Written.Slot> documents) {
        this.file = file;
        this.meant = List.copyOf(meant);
        this.comments = comments(documents);
    }

    /** The first respect in which {@code text} is not the same, or no form to stay with. */
    Optional<String> difference(String text) {
        Problems problems = new Problems();
        List<Node> is = Documents.parse(new Source(file, text), problems);
        if (!problems.isEmpty()) {
            return Optional.of(problems.list().getFirst().toString());
        }
        if (meant.size() != is.size()) {
            return Optional.of(is.size() + " documents instead of " + meant.size());
        }
        for (int i = 0; i < is.size(); i++) {
            if (!same(meant.get(i), is.get(i), Vocabulary.of(kind(is.get(i))))) {
                return Optional.of("another document " + is.get(i).location());
            }
        }
        List<Written.Slot> documents = WrittenReader.read(text);
        if (!comments(documents).equals(comments)) {
            return Optional.of("other comments");
        }
        return documents.isEmpty() || Printer.print(documents).equals(text)
                ? Optional.empty()
                : Optional.of("another form when it is formatted again");
    }

    /** The order of keys says nothing. A number stays a number and a text a text; only a condition is a text either way. */
    private static boolean same(Node was, Node is, Vocabulary vocabulary) {
        if (was instanceof Node.Mapping a && is instanceof Node.Mapping b) {
            return a.entries().size() == b.entries().size()
                    && a.entries().entrySet().stream().allMatch(entry -> {
                        Node.Entry other = b.entries().get(entry.getKey());
                        return other != null
                                && same(entry.getValue().value(), other.value(), vocabulary.key(entry.getKey()));
                    });
        }
        if (was instanceof Node.Sequence a && is instanceof Node.Sequence b) {
            boolean same = a.items().size() == b.items().size();
            for (int i = 0; same && i < a.items().size(); i++) {
                same = same(a.items().get(i), b.items().get(i), vocabulary.item());
            }
            return same;
        }
        if (was instanceof Node.Scalar a && is instanceof Node.Scalar b) {
            return a.isNull() && b.isNull()
                    || a.text().equals(b.text()) && (typed(a) == typed(b) || vocabulary.condition());
        }
        return false;
    }

    private static boolean typed(Node.Scalar scalar) {
        return scalar.plain() && Scalars.typed(scalar.text());
    }

    private static String kind(Node document) {
        return document instanceof Node.Mapping mapping
                        && mapping.entries().containsKey("kind")
                        && mapping.entries().get("kind").value() instanceof Node.Scalar kind
                ? kind.text()
                : "";
    }

    /** Sorted: a comment moves with what it stands by. */
    private static List<String> comments(List<Written.Slot> slots) {
        List<String> comments = new ArrayList<>();
        slots.forEach(slot -> collect(slot, comments));
        comments.removeIf(String::isEmpty);
        Collections.sort(comments);
        return comments;
    }

    private static void collect(Written.Slot slot, List<String> comments) {
        comments.addAll(slot.before());
        comments.addAll(slot.beside());
        if (slot.value() instanceof Written.Collection collection) {
            comments.addAll(collection.tail());
            collection.slots().forEach(child -> collect(child, comments));
        }
    }
}
