package dev.sallyport.audit;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a record can be looked for by. The words are those of the API's parameters and of the command line's options. */
public enum RecordField {
    /** {@code EventName} without {@code sallyport.}: {@code request}, {@code request.intent}, {@code connection}, {@code audit.log} and others. */
    EVENT,
    DIRECTION,
    /** The SPIFFE ID, or {@code anonymous}. */
    CALLER,
    /** The service that was called. */
    CALLEE,
    /** As it is on record: a keyed word, or the subject in the clear. */
    USER,
    ROUTE,
    METHOD,
    STATUS,
    DECISION,
    REASON,
    /** The rule that allowed, or the guardrail that denied. */
    RULE,
    /** The sidecar's log that it comes from. */
    STREAM,
    TRACE,
    ID;

    private final String word = name().toLowerCase(Locale.ROOT);

    public String word() {
        return word;
    }

    public static Optional<RecordField> of(String word) {
        return Arrays.stream(values()).filter(field -> field.word.equals(word)).findFirst();
    }
}
