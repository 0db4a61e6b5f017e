package dev.sallyport.proxy.http;

/** What an octet may be in a message head. RFC 9110 section 5.6.2 for tokens, RFC 9112 section 3 for the rest. */
final class Octets {
    /**
     * Of an octet of a field name: the letter in lower case, the digit, {@code -} for any other; 0 where it is none. CGI and what descends from it take {@code _} and {@code -} for one, and some of them every other
     * octet too.
     */
    private static final byte[] FOLDED = new byte[256];

    static {
        for (char c = '0'; c <= '9'; c++) {
            FOLDED[c] = (byte) c;
        }
        for (char c = 'a'; c <= 'z'; c++) {
            FOLDED[c] = (byte) c;
            FOLDED[c - 0x20] = (byte) c;
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            FOLDED[c] = '-';
        }
    }

    private Octets() {}

    /** 0: no octet of a token. */
    static byte folded(byte octet) {
        return FOLDED[octet & 0xff];
    }

    /** Of text: as its octets; itself when it is folded already. */
    static String folded(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (folded((byte) name.charAt(i)) != name.charAt(i)) {
                return fold(name);
            }
        }
        return name;
    }

    private static String fold(String name) {
        StringBuilder folded = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            byte octet = name.charAt(i) < 0x80 ? folded((byte) name.charAt(i)) : 0;
            folded.append(octet == 0 ? name.charAt(i) : (char) octet);
        }
        return folded.toString();
    }

    static boolean isToken(byte octet) {
        return FOLDED[octet & 0xff] != 0;
    }

    /** Tab, visible ASCII, blank, and octets above 0x7f, which no application may read as ASCII. */
    static boolean isValue(byte octet) {
        return octet >= 0x20 ? octet != 0x7f : octet < 0 || octet == '\t';
    }

    static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }

    /** 0..15, or -1. */
    static int hexDigit(byte octet) {
        if (octet >= '0' && octet <= '9') {
            return octet - '0';
        }
        int letter = octet | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    /** Whether [from, to) is {@code text}, exactly. */
    static boolean same(byte[] bytes, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (bytes[from + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether [from, to) is {@code lower}, a value in lower case, in whatever case. */
    static boolean sameInAnyCase(byte[] bytes, int from, int to, String lower) {
        if (to - from != lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            byte octet = bytes[from + i];
            if ((octet >= 'A' && octet <= 'Z' ? octet + 0x20 : octet) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether [from, to) is {@code folded}, a folded name, in whatever case and spelling. */
    static boolean sameFolded(byte[] bytes, int from, int to, String folded) {
        if (to - from != folded.length()) {
            return false;
        }
        for (int i = 0; i < folded.length(); i++) {
            if (folded(bytes[from + i]) != folded.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the letters and digits of [from, to), whatever stands between them, begin with {@code word}; with {@code whole}, whether they are it. */
    static boolean spells(byte[] bytes, int from, int to, String word, boolean whole) {
        int matched = 0;
        for (int i = from; i < to; i++) {
            byte folded = folded(bytes[i]);
            if (folded >= '0' && folded <= '9' || folded >= 'a' && folded <= 'z') {
                if (matched == word.length()) {
                    return !whole;
                }
                if (folded != word.charAt(matched++)) {
                    return false;
                }
            }
        }
        return matched == word.length();
    }
}
