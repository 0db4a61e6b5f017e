package dev.sallyport.document;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Texts into values; what is not exactly of the form is no value. */
final class Scalars {
    /** Reads a text; empty when it is not of the form. */
    interface Form<T> {
        Optional<T> read(String text);
    }

    private static final int DIGITS_MAX = 9;

    private Scalars() {}

    static Optional<String> text(Node node, String path, Problems problems) {
        if (node instanceof Node.Scalar scalar
                && !scalar.isNull()
                && !scalar.text().isBlank()) {
            return Optional.of(scalar.text());
        }
        String actual = node instanceof Node.Scalar ? "empty" : node.form();
        problems.add(node.location(), path, Code.FORM, actual + " (expected: a text)");
        return Optional.empty();
    }

    static List<Text> texts(Node node, String path, Problems problems) {
        if (!(node instanceof Node.Sequence list)) {
            return text(node, path, problems)
                    .map(text -> List.of(new Text(node.location(), path, text)))
                    .orElse(List.of());
        }
        if (list.items().isEmpty()) {
            problems.add(
                    node.location(),
                    path,
                    Code.FORM,
                    "an empty list (expected: at least one text; empty never means all)");
        }
        List<Text> texts = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            Node item = list.items().get(i);
            String itemPath = path + "[" + i + "]";
            text(item, itemPath, problems).ifPresent(text -> texts.add(new Text(item.location(), itemPath, text)));
        }
        return List.copyOf(texts);
    }

    static Optional<Integer> integer(String text, int min, int max) {
        String digits = text.startsWith("-") ? text.substring(1) : text;
        if (!decimal(digits) || text.equals("-0")) {
            return Optional.empty();
        }
        int value = Integer.parseInt(text);
        return value >= min && value <= max ? Optional.of(value) : Optional.empty();
    }

    static Optional<Boolean> bool(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    static Optional<Duration> duration(String text, Duration min, Duration max) {
        int end = 0;
        while (end < text.length() && Character.isDigit(text.charAt(end))) {
            end++;
        }
        String digits = text.substring(0, end);
        if (!decimal(digits)) {
            return Optional.empty();
        }
        long amount = Long.parseLong(digits);
        Optional<Duration> duration = switch (text.substring(end)) {
            case "ms" -> Optional.of(Duration.ofMillis(amount));
            case "s" -> Optional.of(Duration.ofSeconds(amount));
            case "m" -> Optional.of(Duration.ofMinutes(amount));
            case "h" -> Optional.of(Duration.ofHours(amount));
            case "d" -> Optional.of(Duration.ofDays(amount));
            default -> Optional.empty();
        };
        return duration.filter(value -> value.compareTo(min) >= 0 && value.compareTo(max) <= 0);
    }

    /** {@code 2027-03-31} (its beginning, 00:00 UTC) or {@code 2027-03-31T12:00:00Z}: one spelling each, whole seconds, a day that the calendar has. */
    static Optional<Instant> instant(String text) {
        boolean date = shaped(text, "0000-00-00");
        if (!date && !shaped(text, "0000-00-00T00:00:00Z")) {
            return Optional.empty();
        }
        try {
            // Instant.parse reads 24:00:00 and a leap second, which have another spelling.
            Instant instant = Instant.parse(date ? text + "T00:00:00Z" : text);
            return date || instant.toString().equals(text) ? Optional.of(instant) : Optional.empty();
        } catch (DateTimeParseException noSuchDay) {
            return Optional.empty();
        }
    }

    /** Whether {@code text} has an ASCII digit where {@code shape} has 0, and the same character everywhere else. */
    private static boolean shaped(String text, String shape) {
        return text.length() == shape.length()
                && IntStream.range(0, shape.length())
                        .allMatch(i -> shape.charAt(i) == '0'
                                ? text.charAt(i) >= '0' && text.charAt(i) <= '9'
                                : text.charAt(i) == shape.charAt(i));
    }

    /** In the largest unit that loses nothing; down to milliseconds. */
    static String write(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 86_400_000 == 0 && millis != 0) {
            return millis / 86_400_000 + "d";
        }
        if (millis % 3_600_000 == 0 && millis != 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0 && millis != 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    /** ASCII digits only, no leading zero: {@code 010} is eight to some readers. */
    private static boolean decimal(String digits) {
        return !digits.isEmpty()
                && digits.length() <= DIGITS_MAX
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0');
    }
}
