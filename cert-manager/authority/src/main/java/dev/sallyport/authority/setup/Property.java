package dev.sallyport.authority.setup;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One property of something in Vault, and what it must be: Boolean, Long, String or a list of texts, in which order and repetition do not count; a span of time is whole seconds. What an
 * answer leaves out is off: a server that does not know a property cannot have it on.
 */
record Property(String key, Object wanted, Rule rule, boolean isSpan) {
    private static final Object NOTHING = "";

    /** How a value is held against the wanted one. */
    enum Rule {
        EXACTLY(""),
        /** Larger is as good: it was somebody's choice. */
        AT_LEAST(">= "),
        /** Any value will do, and the wanted one is only for where there is none. */
        PRESENT("any, as ");

        private final String word;

        Rule(String word) {
            this.word = word;
        }
    }

    static Property is(String key, Object wanted) {
        return of(key, wanted, Rule.EXACTLY);
    }

    static Property atLeast(String key, Duration wanted) {
        return of(key, wanted, Rule.AT_LEAST);
    }

    static Property present(String key, Object wanted) {
        return of(key, wanted, Rule.PRESENT);
    }

    private static Property of(String key, Object wanted, Rule rule) {
        return wanted instanceof Duration span
                ? new Property(key, span.toSeconds(), rule, true)
                : new Property(key, wanted, rule, false);
    }

    boolean holds(Map<String, Object> data) {
        Object found = data.getOrDefault(key, NOTHING);
        return switch (rule) {
            case EXACTLY -> shown(found).equals(shown(wanted));
            case AT_LEAST -> found instanceof Long number && number >= (Long) wanted;
            case PRESENT -> !isOff(found);
        };
    }

    /** {@code √ allow_ip_sans: false} or {@code × allow_ip_sans: true (expected: false)}. */
    SetupLine line(String where, Map<String, Object> data) {
        String what = key + ": " + shown(data.getOrDefault(key, NOTHING));
        return holds(data)
                ? SetupLine.holds(where, what)
                : SetupLine.wrong(where, what + " (expected: " + rule.word + shown(wanted) + ")");
    }

    /** {@code allow_ip_sans true → false}. */
    Optional<String> change(Map<String, Object> before) {
        return holds(before)
                ? Optional.empty()
                : Optional.of(key + " " + shown(before.getOrDefault(key, NOTHING)) + " → " + shown(wanted));
    }

    private String shown(Object value) {
        return isOff(value) ? offWord() : text(value);
    }

    /** False, an empty list and nothing at all are the same to Vault's readers, and each is written as its kind is. */
    private String offWord() {
        return switch (wanted) {
            case Boolean _ -> "false";
            case Long _ -> "0";
            case List<?> _ -> "[]";
            default -> "none";
        };
    }

    private static boolean isOff(Object value) {
        return switch (value) {
            case Boolean bool -> !bool;
            case Collection<?> list -> list.isEmpty();
            default -> String.valueOf(value).isEmpty() || value.equals(0L);
        };
    }

    private String text(Object value) {
        if (isSpan && value instanceof Long seconds) {
            return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds + "s";
        }
        return value instanceof Collection<?> list
                ? list.stream()
                        .map(String::valueOf)
                        .distinct()
                        .sorted()
                        .toList()
                        .toString()
                : String.valueOf(value);
    }
}
