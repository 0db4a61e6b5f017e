package dev.sallyport.authoring.format;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.util.List;
import java.util.Optional;

/**
 * The canonical form of a source: known keys in the order of the language, two blanks a level, quotes where they are needed and around every condition, flow style where its author
 * chose it and it fits. Comments, documents, names and items stay where they are. It says the same, which is proven each time: the text is read back. Pure.
 */
public final class Format {
    private Format() {}

    /** What came of formatting one source. */
    public sealed interface Formatted {
        /** The canonical text; the source's own when that is canonical. */
        record Text(String text) implements Formatted {}

        /** JSON, which is left alone: programs write it, and it has no comments to keep. */
        record Json() implements Formatted {}

        /** It cannot be read, and what cannot be read has no form. */
        record Unreadable(List<Problem> problems) implements Formatted {
            public Unreadable {
                problems = List.copyOf(problems);
            }
        }

        /** The canonical text would not say the same, in this respect; nothing may be written. */
        record Unproven(String difference) implements Formatted {}
    }

    /** Of the text alone: whether its documents are valid does not matter. */
    public static Formatted of(Source source) {
        if (source.name().endsWith(".json")) {
            return new Formatted.Json();
        }
        Problems problems = new Problems();
        List<Node> nodes = Documents.parse(source, problems);
        if (!problems.isEmpty()) {
            return new Formatted.Unreadable(problems.list());
        }
        List<Written.Slot> documents = WrittenReader.read(source.text());
        String text = documents.isEmpty() ? source.text() : Printer.print(documents);
        Optional<String> difference = new Sameness(source.name(), nodes, documents).difference(text);
        return difference.<Formatted>map(Formatted.Unproven::new).orElseGet(() -> new Formatted.Text(text));
    }
}
