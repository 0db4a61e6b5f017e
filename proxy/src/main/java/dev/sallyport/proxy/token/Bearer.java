package dev.sallyport.proxy.token;

/** {@code Bearer token} in the value of an {@code Authorization} field. RFC 6750 section 2.1; the scheme in any case. */
final class Bearer {
    private static final String SCHEME = "bearer";

    private Bearer() {}

    /** Where the token begins in [from, to), or its end for none at all; -1 for another scheme. */
    static int tokenStart(byte[] bytes, int from, int to) {
        int scheme = from;
        while (scheme < to && blank(bytes[scheme])) {
            scheme++;
        }
        int start = scheme + SCHEME.length();
        if (start > to || !named(bytes, scheme) || (start < to && bytes[start] != ' ')) {
            return -1;
        }
        int end = tokenEnd(bytes, start, to);
        while (start < end && bytes[start] == ' ') {
            start++;
        }
        return start;
    }

    static int tokenEnd(byte[] bytes, int start, int to) {
        int end = to;
        while (end > start && blank(bytes[end - 1])) {
            end--;
        }
        return end;
    }

    private static boolean blank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    private static boolean named(byte[] bytes, int from) {
        for (int i = 0; i < SCHEME.length(); i++) {
            if ((bytes[from + i] | 0x20) != SCHEME.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
