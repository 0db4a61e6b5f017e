package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One decision for people: {@code 10:14:07.113 orders→payment POST /charges/… 403 condition_false rule=charge/orders 0.4ms tls=mutual id=01JZ8Q4T}, times in UTC. Nearly all of it is what a
 * client wrote.
 */
record TapLine(String sidecar, JsonNode json) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    private static final Pattern LOOPBACK = Pattern.compile("(127\\.[0-9.]+|\\[::1]|localhost)(:[0-9]+)?");
    private static final int WORD_MAX = 48;
    private static final int WIDE_MAX = 512;

    String text(Invocation invocation, boolean wide) {
        int most = wide ? WIDE_MAX : WORD_MAX;
        StringBuilder line = new StringBuilder(time())
                .append(' ')
                .append(cut(edge(), most))
                .append(' ')
                .append(cut(word("method"), most))
                .append(' ')
                .append(cut(word("path"), most))
                .append(' ')
                .append(invocation.paint(colour(), cut(word("response_code"), most) + " " + cut(word("reason"), most)));
        add(line, "rule", "rule", most);
        line.append(' ').append(duration()).append("ms");
        if (!outbound()) {
            line.append(" tls=").append(present("source_principal") ? "mutual" : "none");
        }
        if (wide) {
            add(line, "caller", "source_principal", most);
            add(line, "policy", "policy", most);
            add(line, "route", "route", most);
            add(line, "flags", "response_flags", most);
            add(line, "upstream", "upstream_host", most);
            add(line, "trace", "trace_id", most);
            add(line, "agent", "user_agent", most);
        }
        add(line, "id", "decision_id", WIDE_MAX); // whole: explain wants it
        return line.toString();
    }

    private String time() {
        String at = json.path("start_time").asText("");
        return Times.parse(at).map(TIME::format).orElse(cut(at.isEmpty() ? "-" : at, WORD_MAX));
    }

    private boolean outbound() {
        return json.path("direction").asText("").equals("outbound");
    }

    /** Who called whom; the other side of an outbound request is the one that it named, or where it went when it named only the sidecar's own address. */
    private String edge() {
        if (outbound()) {
            String named = word("authority");
            return sidecar + "→"
                    + (LOOPBACK.matcher(named).matches() && present("upstream_host") ? word("upstream_host") : named);
        }
        String caller = json.path("source_principal").asText("");
        return (caller.isEmpty() ? "?" : caller.substring(caller.lastIndexOf('/') + 1)) + "→" + sidecar;
    }

    private Colour colour() {
        if (!json.path("reason").asText("").equals("allowed")) {
            return Colour.BAD;
        }
        return json.path("response_code").asInt() < 400 ? Colour.GOOD : Colour.DOUBTFUL;
    }

    private String duration() {
        double millis = json.path("duration").asDouble(0);
        return millis == Math.rint(millis) ? Long.toString((long) millis) : String.format(Locale.ROOT, "%.1f", millis);
    }

    private boolean present(String field) {
        return !json.path(field).asText("").isEmpty();
    }

    private String word(String field) {
        return present(field) ? json.path(field).asText() : "-";
    }

    private void add(StringBuilder line, String name, String field, int most) {
        if (present(field)) {
            line.append(' ')
                    .append(name)
                    .append('=')
                    .append(cut(json.path(field).asText(), most));
        }
    }

    /** One word: a blank in it would begin another, which the client could have called {@code rule=}. */
    private static String cut(String text, int most) {
        String word = Table.visible(text.length() > most ? text.substring(0, most - 1) + "…" : text);
        return word.replace(' ', '_').replace('\u00a0', '_');
    }
}
