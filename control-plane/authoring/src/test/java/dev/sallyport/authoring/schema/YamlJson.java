package dev.sallyport.authoring.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.math.BigDecimal;
import java.util.List;

/** YAML as an editor's language server sees it: JSON values, typed by the core schema. YAML 1.2.2 section 10.3. */
final class YamlJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private YamlJson() {}

    static List<JsonNode> documents(String text) {
        Problems problems = new Problems();
        List<Node> documents = Documents.parse(new Source("documents.yaml", text), problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(problems.list().toString());
        }
        return documents.stream().map(YamlJson::value).toList();
    }

    private static JsonNode value(Node node) {
        return switch (node) {
            case Node.Mapping mapping -> {
                ObjectNode object = JSON.objectNode();
                mapping.entries().forEach((key, entry) -> object.set(key, value(entry.value())));
                yield object;
            }
            case Node.Sequence list -> {
                ArrayNode array = JSON.arrayNode();
                list.items().forEach(item -> array.add(value(item)));
                yield array;
            }
            case Node.Scalar scalar -> scalar(scalar);
        };
    }

    private static JsonNode scalar(Node.Scalar scalar) {
        String text = scalar.text();
        if (scalar.isNull()) {
            return JSON.nullNode();
        }
        if (scalar.plain() && (text.equals("true") || text.equals("false"))) {
            return JSON.booleanNode(text.equals("true"));
        }
        if (scalar.plain() && text.matches("[-+]?[0-9]+(\\.[0-9]+)?")) {
            BigDecimal number = new BigDecimal(text);
            return text.contains(".") ? JSON.numberNode(number) : JSON.numberNode(number.toBigInteger());
        }
        return JSON.textNode(text);
    }
}
