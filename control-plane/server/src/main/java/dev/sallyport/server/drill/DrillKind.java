package dev.sallyport.server.drill;

import java.util.Arrays;
import java.util.List;

/** What is practised. */
public enum DrillKind {
    /** Every sidecar gets a new certificate. */
    ROTATION("rotation"),
    /** Nothing is signed for a while, and everybody wants a new certificate meanwhile. */
    AUTHORITY_OUTAGE("authority-outage"),
    /** The mesh goes over to a new root. */
    ROOT("root");

    private final String code;

    DrillKind(String code) {
        this.code = code;
    }

    /** The word in commands, records and lists. */
    public String code() {
        return code;
    }

    public static List<String> codes() {
        return Arrays.stream(values()).map(DrillKind::code).toList();
    }
}
