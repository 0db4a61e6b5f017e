package dev.sallyport.audit.tlog;

import java.util.Optional;

/** A whole number in ASCII digits without leading zeros: one spelling a number. */
final class Decimal {
    private Decimal() {}

    static Optional<Long> parse(String text) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || text.length() > 1 && text.charAt(0) == '0') {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
