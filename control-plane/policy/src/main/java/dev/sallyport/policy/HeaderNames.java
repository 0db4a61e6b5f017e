package dev.sallyport.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which headers a policy may read: by lower-case name, and none that carries credentials or says who somebody is. */
public final class HeaderNames {
    /** What a caller asserts there is no proof, and what it carries must reach neither a record nor an OPA. */
    private static final Set<String> PROTECTED =
            Set.of("authorization", "proxy-authorization", "cookie", "x-forwarded-client-cert", "txn-token");

    /** Removed before a request is judged: an application never sees them (RFC 9110 section 7.6.1). */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings");

    static final int CHARACTERS_MAX = 128;

    private static final String PROTECTED_PREFIX = "x-sallyport-";
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~"; // RFC 9110 section 5.6.2

    private HeaderNames() {}

    /** What is wrong with reading this header, and what to write instead; empty when a policy may. */
    public static Optional<String> refusal(String name) {
        if (name.isEmpty() || name.length() > CHARACTERS_MAX || !name.chars().allMatch(HeaderNames::token)) {
            return Optional.of(
                    name + " (expected: a header's name, as x-tenant, of at most " + CHARACTERS_MAX + " characters)");
        }
        String lower = name.toLowerCase(Locale.ROOT);
        String folded = folded(lower);
        if (PROTECTED.contains(folded) || folded.startsWith(PROTECTED_PREFIX)) {
            return Optional.of(carriesIdentity(name));
        }
        if (HOP_BY_HOP.contains(folded)) {
            return Optional.of(name + ": of one connection, the application never sees it (expected: another header)");
        }
        if (lower.equals("host")) {
            return Optional.of(name + " (expected: hosts, which compares the canonical host)");
        }
        return name.equals(lower) ? Optional.empty() : Optional.of(name + " (expected: lower case, " + lower + ")");
    }

    static String carriesIdentity(String name) {
        return name + ": carries an identity, or what proves one (expected: from and user, which verify it)";
    }

    /** With {@code -} for every mark, as the laxest reader takes a name: {@code txn_token} would bring the hop token, whatever stands between its words. {@code lower}: in lower case. */
    static String folded(String lower) {
        StringBuilder folded = new StringBuilder(lower);
        for (int i = 0; i < folded.length(); i++) {
            char c = folded.charAt(i);
            if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) {
                folded.setCharAt(i, '-');
            }
        }
        return folded.toString();
    }

    private static boolean token(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || (c < 0x7F && TOKEN_MARKS.indexOf(c) >= 0);
    }
}
