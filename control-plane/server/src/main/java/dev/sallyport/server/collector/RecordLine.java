package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditFields;

/**
 * One line of a sidecar's log, whose hash was computed over these bytes, without its line feed. {@code phase}: of the log's own records, {@code ""} for all others. {@code
 * streamId}: where the line names one, as each header does, else {@code ""}. {@code skipped}: how many numbers before a header's no record has, because a crash may have taken them.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never shown
record RecordLine(
        byte[] bytes, long number, String previousHash, String hash, String phase, String streamId, long skipped) {
    private static final String HEADER = "header";
    private static final String END = "end";

    boolean isHeader() {
        return phase.equals(HEADER);
    }

    /** Whether a log that ended well has this as its last record. */
    boolean isEnd() {
        return phase.equals(END);
    }

    /** Whether the event and phase are of the log itself. */
    static String phaseOf(String event, String phase) {
        return event.equals(AuditFields.EVENT_LOG) ? phase : "";
    }
}
