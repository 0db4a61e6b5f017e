package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.Table;
import java.util.function.Consumer;

/** JSON for people: names and values, indented. Nothing of it moves a cursor. */
final class Plain {
    private static final int DEPTH_MAX = 16;

    private Plain() {}

    /** A field's value; empty where there is none. */
    static String text(JsonNode object, String name) {
        return Table.visible(object.path(name).asText(""));
    }

    /** Every field of {@code object}, a line each or a block. */
    static void fields(JsonNode object, int depth, Consumer<String> lines) {
        object.properties().forEach(field -> field(Table.visible(field.getKey()), field.getValue(), depth, lines));
    }

    private static void field(String name, JsonNode value, int depth, Consumer<String> lines) {
        String indent = "  ".repeat(depth);
        if (value.isValueNode() || value.isEmpty() || depth > DEPTH_MAX) {
            lines.accept(indent + name + ": " + scalar(value));
        } else if (value.isObject()) {
            lines.accept(indent + name + ":");
            fields(value, depth + 1, lines);
        } else {
            lines.accept(indent + name + ":");
            for (JsonNode element : value) {
                if (element.isObject()) {
                    lines.accept(indent + "  -");
                    fields(element, depth + 2, lines);
                } else {
                    lines.accept(indent + "  - " + scalar(element));
                }
            }
        }
    }

    /** {@code a.b.c} and a value for each leaf, for a table of two columns. */
    static void leaves(String path, JsonNode value, Table table) {
        if (value.isContainerNode() && !value.isEmpty() && path.length() < 256) {
            if (value.isObject()) {
                value.properties()
                        .forEach(field -> leaves(
                                path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                                field.getValue(),
                                table));
            } else {
                for (int i = 0; i < value.size(); i++) {
                    leaves(path + "." + i, value.get(i), table);
                }
            }
        } else {
            table.row(path, scalar(value));
        }
    }

    private static String scalar(JsonNode value) {
        String text = value.isValueNode() ? value.asText() : value.isEmpty() ? "none" : value.toString();
        return Table.visible(text.isEmpty() ? "-" : text);
    }
}
