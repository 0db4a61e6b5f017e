package dev.sallyport.server.http;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** One document as its author wrote it, cut out of its source. {@code source}: the file's name. */
record StoredDocument(String kind, String name, String source, String text) {
    /** YAML 1.2 section 9.1.2: a marker at the start of a line, which no scalar can contain. */
    private static final Pattern MARKER = Pattern.compile("(?m)^---(?=\\s|$)[ \\t]*\\n?");

    static List<StoredDocument> of(List<Source> sources) {
        List<StoredDocument> documents = new ArrayList<>();
        for (Source source : sources) {
            boolean json = source.name().endsWith(".json");
            for (String text : json ? new String[] {source.text()} : MARKER.split(source.text())) {
                Problems ignored =
                        new Problems(); // The set was accepted: what is left is a comment before the first marker.
                List<Node> nodes = Documents.parse(new Source(source.name(), text), ignored);
                if (nodes.size() == 1 && nodes.getFirst() instanceof Node.Mapping) {
                    Fields fields = Fields.of(nodes.getFirst(), "", ignored);
                    documents.add(new StoredDocument(
                            fields.text("kind"), fields.fields("metadata").text("name"), source.name(), text));
                }
            }
        }
        return documents;
    }
}
