package dev.sallyport.proxy.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One example of llhttp's tests: what arrives, and the events that llhttp reports. {@code lenient}: it is read with checks switched off. {@code error}: the reason why it reads no further, empty when it does.
 */
record LlhttpCase(
        String name, boolean request, boolean lenient, String input, List<Reading.Message> messages, String error) {
    private static final Pattern META = Pattern.compile("<!-- meta=\\{.*\"type\": *\"([a-z-]+)\".*");
    private static final Pattern SPAN = Pattern.compile("off=(\\d+) len=\\d+ span\\[(\\w+)]=(.*)");
    private static final Pattern EVENT = Pattern.compile("off=(\\d+) (.*)");
    private static final Pattern ERROR = Pattern.compile("error code=(\\d+) reason=\"(.*)\"");
    private static final String HOST = "Host: a\r\n";

    /** Not where it only hands the connection over to another protocol. */
    boolean refused() {
        return !error.isEmpty() && !error.startsWith("22 ") && !error.startsWith("23 ");
    }

    static List<LlhttpCase> of(Path file) throws IOException {
        List<LlhttpCase> cases = new ArrayList<>();
        String heading = "";
        String type = "";
        String input = "";
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            var meta = META.matcher(line);
            if (line.startsWith("#")) {
                heading = line.replaceFirst("^#+ *", "");
            } else if (meta.matches()) {
                type = meta.group(1);
            } else if (line.equals("```http") || line.equals("```log")) {
                int end = lines.subList(i, lines.size()).indexOf("```") + i;
                List<String> block = lines.subList(i + 1, end);
                if (line.equals("```http")) {
                    input = unescaped(String.join("\n", block));
                } else {
                    cases.add(new Log(input).read(file.getFileName() + ": " + heading, type, block));
                }
                i = end;
            }
        }
        return cases;
    }

    /** As llhttp's own test runner reads its examples. */
    private static String unescaped(String block) {
        String text = block.replaceAll("\\\\\n", "").replace("\n", "\r\n");
        text = text.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\f", "\f");
        text = replaced(text, "\\\\x([0-9a-fA-F]+)", 16);
        return replaced(text, "\\\\([0-7]{1,3})", 8);
    }

    private static String replaced(String text, String pattern, int radix) {
        return Pattern.compile(pattern).matcher(text).replaceAll((MatchResult m) -> {
            char c = (char) (Integer.parseInt(m.group(1), radix) & 0xff);
            return c == '\\' || c == '$' ? "\\" + c : String.valueOf(c);
        });
    }

    /** Reads the events. llhttp knows no rule about Host: a request without one gets one, right after its request line, so that something else is compared. */
    private static final class Log {
        private final List<Reading.Message> messages = new ArrayList<>();
        private final StringBuilder input;
        private int inserted;
        private int fieldsAt = -1;
        private String line = "";
        private String target = "";
        private String version = "";
        private List<String> fields = new ArrayList<>();
        private List<String> trailers = new ArrayList<>();
        private final StringBuilder name = new StringBuilder();
        private final StringBuilder value = new StringBuilder();
        private final StringBuilder body = new StringBuilder();
        private boolean inHead;
        private boolean inMessage;
        private String error = "";

        private Log(String input) {
            this.input = new StringBuilder(input);
        }

        private LlhttpCase read(String name, String type, List<String> log) {
            boolean request = type.startsWith("request");
            for (String event : log) {
                var span = SPAN.matcher(event);
                var other = EVENT.matcher(event);
                if (span.matches()) {
                    span(span.group(2), quoted(span.group(3)));
                } else if (other.matches()) {
                    event(Integer.parseInt(other.group(1)), other.group(2), request);
                }
            }
            if (inMessage) {
                end(request, false);
            }
            int lineEnd = input.indexOf("\r\n");
            boolean hosted = input.toString().toLowerCase(Locale.ROOT).contains("\nhost:");
            if (request && !hosted && lineEnd >= 0) { // It refused before it came to the fields.
                input.insert(lineEnd + 2, HOST);
            }
            boolean lenient = type.contains("lenient");
            return new LlhttpCase(name, request, lenient, input.toString(), messages, error);
        }

        private static String quoted(String text) {
            return switch (text) {
                case "cr" -> "\r";
                case "lf" -> "\n";
                default ->
                    text.substring(1, text.length() - 1).replace("\\t", "\t").replace("\\f", "\f");
            };
        }

        private void span(String of, String text) {
            switch (of) {
                case "method" -> line += text;
                case "url" -> target += text;
                case "version" -> version += text;
                case "header_field" -> name.append(text);
                case "header_value" -> value.append(text);
                case "body" -> body.append(text);
                default -> {}
            }
        }

        private void event(int at, String what, boolean request) {
            var failed = ERROR.matcher(what);
            if (what.equals("message begin")) {
                inHead = true;
            } else if (what.equals("version complete")) {
                fieldsAt = at + inserted + 2;
            } else if (what.equals("header_value complete")) {
                (inHead ? fields : trailers).add(name + ": " + value.toString().strip());
                name.setLength(0);
                value.setLength(0);
            } else if (what.startsWith("headers complete")) {
                inHead = false;
                inMessage = true;
                line = request ? line : "HTTP/1.1 " + what.replaceFirst(".*status=(\\d+) .*", "$1");
                host(request);
            } else if (what.equals("message complete")) {
                end(request, true);
            } else if (failed.matches()) {
                error = failed.group(1) + " " + failed.group(2);
                host(request);
            }
        }

        private void host(boolean request) {
            boolean has = fields.stream()
                    .anyMatch(field -> field.toLowerCase(Locale.ROOT).startsWith("host:"));
            if (request && !has && fieldsAt >= 2 && input.substring(0, fieldsAt).endsWith("\r\n")) {
                input.insert(fieldsAt, HOST);
                inserted += HOST.length();
                fields.addFirst("Host: a");
            }
            fieldsAt = -1;
        }

        private void end(boolean request, boolean complete) {
            String first = request ? line + " " + target + " HTTP/" + version : line;
            messages.add(
                    new Reading.Message(first, List.copyOf(fields), body.toString(), List.copyOf(trailers), complete));
            line = "";
            target = "";
            version = "";
            fields = new ArrayList<>();
            trailers = new ArrayList<>();
            body.setLength(0);
            inMessage = false;
        }
    }
}
