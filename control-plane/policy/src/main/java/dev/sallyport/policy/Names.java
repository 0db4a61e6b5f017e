package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import java.util.Set;

/** Names of meshes, services, issuers, policies, routes and rules: {@code [a-z0-9][a-z0-9-]{0,62}}. They travel in SNI, headers, metrics and file names. */
final class Names {
    static final String FORM = "a name of a-z, 0-9 and -, beginning with a letter or digit, at most 63 characters";

    private static final int CHARACTERS_MAX = 63;

    /** Words that {@code from:} gives a meaning of their own, now or in a later version. */
    private static final Set<String> RESERVED = Set.of(DocumentSetReader.ANY_MESH, "none", "plaintext");

    private Names() {}

    static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= CHARACTERS_MAX
                && text.charAt(0) != '-'
                && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }

    /** Adds a problem at {@code named} when its key is no name. */
    static void check(String name, Fields named) {
        if (!isName(name)) {
            named.problems().add(named.location(), named.path(), Codes.NAME, name + " (expected: " + FORM + ")");
        }
    }

    /** The same for a service. */
    static void checkService(String name, Fields named) {
        check(name, named);
        if (RESERVED.contains(name)) {
            named.problems()
                    .add(
                            named.location(),
                            named.path(),
                            Codes.NAME,
                            name + ": reserved (expected: another name; from: gives this one a meaning of its own)");
        }
    }
}
