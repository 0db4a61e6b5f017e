package dev.sallyport.cli.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.RecordField;
import dev.sallyport.audit.RecordLine;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;

/** A record as a search shows it: the API's object, or one made of a line of a sidecar's own log. */
record RecordRow(JsonNode json) {
    static final String[] HEADING = {"TIME", "DECISION", "REASON", "CALLER", "CALLED", "REQUEST", "STATUS", "USER", "ID"
    };
    /** Of lines that come one by one, whose columns nobody can measure before. */
    private static final int[] WIDTHS = {25, 9, 20, 16, 14, 24, 7, 20, 0};

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    /** In ASCII: what a record holds is not for a terminal to obey. */
    private static final ObjectWriter ASCII = Invocation.JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

    static RecordRow of(RecordLine line) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        json.put("time", line.time().toString());
        for (RecordField field : RecordField.values()) {
            if (!line.value(field).isEmpty()) {
                json.put(field.word(), line.value(field));
            }
        }
        json.put("number", line.number());
        return new RecordRow(json);
    }

    String text(String field) {
        return json.path(field).asText("");
    }

    long index() {
        return json.path("index").asLong(-1);
    }

    /** The exact bytes of the entry. */
    byte[] entry() {
        return Base64.getDecoder().decode(text("entry"));
    }

    /** For a table of {@link #HEADING}. */
    String[] cells() {
        return new String[] {
            time(),
            text("decision"),
            text("reason"),
            text("caller").replaceFirst("^spiffe://[^/]*/", ""),
            text("callee"),
            (text("method") + " " + text("route")).strip(),
            text("status"),
            text("user"),
            text("id")
        };
    }

    private String time() {
        return Times.parse(text("time")).map(TIME::format).orElse(text("time"));
    }

    /** One line, in columns that mostly fit. */
    String line(Invocation invocation) {
        String[] cells = cells();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String cell = Table.padded(cells[i].isEmpty() ? "-" : Table.visible(cells[i]), WIDTHS[i]);
            line.append(i == 1 ? invocation.paint(colour(), cell) : cell);
        }
        return line.toString().stripTrailing();
    }

    private Colour colour() {
        return text("decision").equals("allow") ? Colour.GOOD : Colour.BAD;
    }

    /** A JSON text on one line, in ASCII. */
    static String ascii(JsonNode json) {
        try {
            return ASCII.writeValueAsString(json).replace("\u007f", "\\u007f");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }

    /** An entry as a line: its exact bytes, unless people look at them. */
    static String line(byte[] entry, Invocation invocation) {
        String text = new String(entry, StandardCharsets.UTF_8);
        return invocation.terminal() ? Table.visible(text) : text;
    }

    static String headingLine() {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < HEADING.length; i++) {
            line.append(Table.padded(HEADING[i], WIDTHS[i]));
        }
        return line.toString().stripTrailing();
    }
}
