package dev.sallyport.policy;

import java.util.Set;

/** HTTP methods as this product accepts them: upper-case tokens. RFC 9110 section 9. */
final class Methods {
    private static final int CHARACTERS_MAX = 32;
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private Methods() {}

    /** A letter, then letters, digits, {@code -} or {@code _}; CONNECT asks for a tunnel, which no rule can judge. */
    static boolean isMethod(String text) {
        if (text.isEmpty() || text.length() > CHARACTERS_MAX || !isLetter(text.charAt(0)) || text.equals("CONNECT")) {
            return false;
        }
        return text.chars().allMatch(c -> isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_');
    }

    /** Whether a request of this method asks for a change. RFC 9110 section 9.2.1. */
    static boolean isMutating(String method) {
        return !SAFE.contains(method);
    }

    private static boolean isLetter(int c) {
        return c >= 'A' && c <= 'Z';
    }
}
