package dev.sallyport.authoring.format;

import java.util.Locale;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.common.ScalarStyle;

/** How a text is written: plain where every YAML 1.2 reader reads it back as this text, in double quotes otherwise. */
final class Scalars {
    /** What is no text without quotes. YAML 1.2.2 section 10.3.2. */
    private static final Pattern TYPED = Pattern.compile("~|null|Null|NULL|true|True|TRUE|false|False|FALSE"
            + "|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
            + "|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

    private static final String NEVER_FIRST = ",[]{}#&*!|>'\"%@`";
    private static final String NEVER_IN_FLOW = ",[]{}";

    private Scalars() {}

    /** Whether {@code text} without quotes is a number, a boolean or nothing. */
    static boolean typed(String text) {
        return text.isEmpty() || TYPED.matcher(text).matches();
    }

    /** {@code quoted}: even if it need not be. What has a type keeps it: {@code 8080} stays a number, {@code "1.3"} a text. */
    static String write(Written.Scalar scalar, boolean flow, boolean quoted) {
        String text = scalar.text();
        if (scalar.absent()) {
            return flow ? "null" : "";
        }
        if (!quoted && scalar.plain() && typed(text)) {
            return text;
        }
        return quoted || typed(text) || !plain(text, flow) ? quoted(text) : text;
    }

    /** The key of a mapping, which is a text whatever it looks like: a port is written without quotes. */
    static String key(Written.Scalar key, boolean flow) {
        boolean number = key.text().chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? key.text() : write(key, flow, false);
    }

    /** Stricter than YAML: what some reader could take for something else is quoted. */
    private static boolean plain(String text, boolean flow) {
        char first = text.charAt(0);
        char last = text.charAt(text.length() - 1);
        boolean edges = first != ' ' && last != ' ' && last != ':' && NEVER_FIRST.indexOf(first) < 0;
        boolean indicator = "-?:=".indexOf(first) >= 0 && (text.length() == 1 || !isWord(text.charAt(1)));
        boolean inner = text.contains(": ") || text.contains(" #") || text.startsWith("<<") || text.startsWith("...");
        return edges
                && !indicator
                && !inner
                && text.codePoints().allMatch(Scalars::shown)
                && !(flow && text.chars().anyMatch(c -> NEVER_IN_FLOW.indexOf(c) >= 0));
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '/' || c == '.';
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8).append('"');
        text.codePoints().forEach(point -> {
            switch (point) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (shown(point)) {
                        out.appendCodePoint(point);
                    } else {
                        out.append(String.format(Locale.ROOT, point > 0xFFFF ? "\\U%08X" : "\\u%04X", point));
                    }
                }
            }
        });
        return out.append('"').toString();
    }

    /** Whether a text of several lines, written as a block by its author, can stay one: {@code |} with one line end or {@code |-} without. */
    static boolean literal(Written.Scalar scalar) {
        String text = scalar.text();
        return scalar.style() == ScalarStyle.LITERAL
                && !text.isBlank()
                && !Character.isWhitespace(text.charAt(0))
                && !text.endsWith("\n\n")
                && text.lines().noneMatch(line -> line.endsWith(" "))
                && text.codePoints().allMatch(point -> point == '\n' || shown(point));
    }

    private static boolean shown(int point) {
        if (point >= 0x20 && point < 0x7F) {
            return true;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
