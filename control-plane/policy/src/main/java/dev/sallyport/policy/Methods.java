package dev.sallyport.policy;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** HTTP methods as this product accepts them: upper-case tokens. RFC 9110 section 9. */
final class Methods {
    private static final int CHARACTERS_MAX = 32;
    private static final String[] USUAL = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private Methods() {}

    /** {@code bytes[from, to)}; of the usual ones always the same String. A method is case-sensitive and all registered ones are upper case, so that {@code get} is a trick. */
    static String of(byte[] bytes, int from, int to) throws RequestRejectedException {
        for (String usual : USUAL) {
            if (same(usual, bytes, from, to)) {
                return usual;
            }
        }
        if (from >= to || to - from > CHARACTERS_MAX) {
            throw PathSyntax.rejected("a method of " + (to - from) + " bytes (expected: 1.." + CHARACTERS_MAX + ")");
        }
        String method = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        if (!isMethod(method)) {
            throw PathSyntax.rejected("a method that is no upper-case token");
        }
        return method;
    }

    private static boolean same(String method, byte[] bytes, int from, int to) {
        if (method.length() != to - from) {
            return false;
        }
        for (int i = 0; i < method.length(); i++) {
            if (method.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }

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
