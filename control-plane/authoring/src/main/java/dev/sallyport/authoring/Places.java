package dev.sallyport.authoring;

import dev.sallyport.document.Documents;
import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where each part of a valid set of documents stands; the model itself keeps no places. */
final class Places {
    private final Map<String, Node> documents = new HashMap<>();

    /** {@code sources} were read without a problem before. */
    Places(List<Source> sources) {
        for (Source source : sources) {
            for (Node document : Documents.parse(source, new Problems())) {
                documents.put(text(document, "kind") + " " + text(document, "metadata", "name"), document);
            }
        }
    }

    /** The place of the last key of {@code path} that is written, in the document of this kind and name. */
    Location of(String kind, String name, List<String> path) {
        Node node = documents.get(kind + " " + name);
        if (node == null) {
            return new Location(kind + " " + name, 1, 1);
        }
        Location location = node.location();
        for (String key : path) {
            if (!(node instanceof Node.Mapping mapping) || !mapping.entries().containsKey(key)) {
                return location;
            }
            Node.Entry entry = mapping.entries().get(key);
            location = entry.keyLocation();
            node = entry.value();
        }
        return location;
    }

    /** {@code path} and further down. */
    static List<String> path(List<String> path, String... keys) {
        List<String> longer = new ArrayList<>(path);
        longer.addAll(List.of(keys));
        return List.copyOf(longer);
    }

    private static String text(Node document, String... path) {
        Node node = document;
        for (String key : path) {
            if (!(node instanceof Node.Mapping mapping) || !mapping.entries().containsKey(key)) {
                return "";
            }
            node = mapping.entries().get(key).value();
        }
        return node instanceof Node.Scalar scalar ? scalar.text() : "";
    }
}
