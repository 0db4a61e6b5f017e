package dev.sallyport.policy;

import dev.sallyport.document.Fields;

/** What a rule can say of a connection to an opaque port: who calls, and nothing that only a request has. */
final class Connections {
    private Connections() {}

    /** Adds a problem for each key that is written. */
    static void refuse(Fields fields, String... keys) {
        for (String key : keys) {
            refuse(fields.has(key), fields, key);
        }
    }

    /** Adds a problem when the key asks for something. */
    static void refuse(boolean asks, Fields fields, String key) {
        if (asks) {
            fields.problem(
                    key,
                    Codes.TCP,
                    "on a tcp route, where there is no request to ask (expected: from alone, and user: none)");
        }
    }
}
