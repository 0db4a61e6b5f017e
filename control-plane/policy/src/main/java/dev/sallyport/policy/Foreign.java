package dev.sallyport.policy;

import dev.sallyport.document.HostPort;
import java.util.Optional;

/** What people bring along from other policy languages, and what to write for it here. */
final class Foreign {
    private Foreign() {}

    /** What to write instead of {@code text} in {@code from}; empty when it is perhaps a mistyped name. */
    static Optional<String> hint(String text) {
        if (text.equals("*")) {
            return Optional.of("any-mesh");
        }
        if (isAddress(text)) {
            return Optional.of("a service by name; an address proves nothing, and rules know none");
        }
        if (isRegularExpression(text) || text.indexOf('*') >= 0) {
            return Optional.of(
                    "a service by name, spiffe://trust.domain/ns/*/sa/** for several, or any-mesh; no regular expression is ever matched");
        }
        if (text.indexOf('/') >= 0) {
            return Optional.of("a service by name, or a whole SPIFFE ID, spiffe://trust.domain/…");
        }
        return Optional.empty();
    }

    /** A template of a document. Throws IllegalArgumentException with the expectation, also for what would be a literal and is meant as a regular expression. */
    static PathTemplate template(String text) {
        if (isRegularExpression(text)) {
            throw new IllegalArgumentException(
                    "expected: a path with {name} for one segment, or /** as the last one; no"
                            + " regular expression is ever matched");
        }
        return PathTemplate.parse(text);
    }

    /** Whether somebody who writes this expects a regular expression. Parentheses, {@code +} and {@code $value} alone do not say so: paths have them. */
    static boolean isRegularExpression(String text) {
        return text.startsWith("^")
                || text.indexOf('\\') >= 0
                || text.indexOf('[') >= 0
                || text.indexOf('|') >= 0
                || text.contains(".*")
                || text.contains(".+")
                || text.contains("(?")
                || hasRepeatedGroup(text)
                || (text.length() > 1 && text.endsWith("$"));
    }

    /** {@code (a+)+}. */
    private static boolean hasRepeatedGroup(String text) {
        for (int end = text.indexOf(')'); end >= 0; end = text.indexOf(')', end + 1)) {
            boolean repeated = end + 1 < text.length() && "+*".indexOf(text.charAt(end + 1)) >= 0;
            if (repeated && text.lastIndexOf('(', end) < end - 1) {
                return true;
            }
        }
        return false;
    }

    /** {@code 10.0.0.1}, {@code 10.0.0.0/8}, {@code ::1}, {@code fd00::/8}: also what is no valid one. */
    private static boolean isAddress(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        boolean dotted = host.indexOf('.') > 0 && host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
        return dotted || HostPort.isIpv6(host) || host.startsWith("::");
    }
}
