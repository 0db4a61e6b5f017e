package dev.sallyport.server.ca;

import java.util.Arrays;
import java.util.Optional;

/** What a rotation replaces. */
public enum Subject {
    /** The root: every peer has to trust another one first. */
    ROOT("root"),
    /** The certificate that signs leaves, below the same root. */
    INTERMEDIATE("intermediate"),
    /** The authority by one of another kind, whatever its root. */
    AUTHORITY("authority");

    private final String code;

    Subject(String code) {
        this.code = code;
    }

    /** The word in requests, pages and the store. */
    public String code() {
        return code;
    }

    public static Optional<Subject> of(String code) {
        return Arrays.stream(values())
                .filter(subject -> subject.code.equals(code))
                .findFirst();
    }
}
