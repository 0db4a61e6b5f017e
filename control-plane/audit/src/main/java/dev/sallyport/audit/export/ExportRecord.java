package dev.sallyport.audit.export;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.audit.AuditTerms;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One entry of the collected log, ready to be said in another format. {@code entry}: its exact bytes, not to be changed; {@code index}: in the log; {@code stream}: the sidecar's log
 * that it comes from ({@code service/instance/name}), {@code ""} for the collector's own; {@code observedNanos}: when the collector received it, since 1970, 0 where nothing says so; {@code
 * fields}: what it says and what follows from that ({@link AuditTerms}), nothing when it cannot be read. Immutable by convention.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; copied, a log would be twice in memory
public record ExportRecord(byte[] entry, long index, String stream, long observedNanos, Map<String, Object> fields) {
    /** What a copy says of itself: entries that it does not have, because they were pruned before it came to them. */
    public static final String EVENT_GAP = "sallyport.copy.gap";

    /** What a copy says of itself: from here on it is of another log than before, or of the same one from its beginning. */
    public static final String EVENT_RESTART = "sallyport.copy.restart";
    /** Of both: the first index that is missing, or is copied anew; and of a gap the first one that is there again. */
    public static final String FROM = "sallyport.copy.from";

    public static final String BELOW = "sallyport.copy.below";

    private static final int NANO_DIGITS_MAX = 19;

    public static ExportRecord of(byte[] entry, long index, String stream, long observedNanos) {
        Map<String, Object> fields =
                AuditReader.fields(entry).map(AuditTerms::complete).orElse(Map.of());
        return new ExportRecord(entry, index, stream, observedNanos, fields);
    }

    /** {@link #EVENT_GAP} or {@link #EVENT_RESTART}, which no entry of a log can be; the same for the same, so that a repeat is no second one. */
    public static ExportRecord notice(String event, long from, long below, Instant at) {
        Map<String, Object> fields = new LinkedHashMap<>();
        long nanos = at.getEpochSecond() * 1_000_000_000 + at.getNano();
        fields.put(AuditFields.TIMESTAMP, Long.toString(nanos));
        fields.put(AuditFields.EVENT_NAME, event);
        fields.put(FROM, from);
        fields.put(BELOW, below);
        return new ExportRecord(JsonText.bytes(fields), from, "", nanos, fields);
    }

    /** Whether it is the copy's own word, not an entry of the log. */
    public boolean isNotice() {
        return event().equals(EVENT_GAP) || event().equals(EVENT_RESTART);
    }

    /** The SHA-256 of what it says, 64 hex digits: the same entry has the same id, whatever log it is restored into and however often it is sent. */
    public String id() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            // A notice is made anew, with another time, by whoever repeats it.
            return HexFormat.of()
                    .formatHex(sha256.digest(
                            isNotice()
                                    ? (event() + " " + fields.get(FROM) + " " + fields.get(BELOW))
                                            .getBytes(StandardCharsets.US_ASCII)
                                    : entry));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** {@code ""} where it has none. */
    public String event() {
        return text(AuditFields.EVENT_NAME).orElse("");
    }

    /** When it happened, in nanoseconds since 1970; where it does not say, when it was received. */
    public long nanos() {
        return text(AuditFields.TIMESTAMP)
                .filter(text -> !text.isEmpty() && text.length() <= NANO_DIGITS_MAX)
                .flatMap(ExportRecord::number)
                .orElse(observedNanos);
    }

    private static Optional<Long> number(String digits) {
        try {
            return Optional.of(Long.parseLong(digits)).filter(value -> value >= 0);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The service whose sidecar recorded it, as its verified stream says; {@code control-plane} for the collector's own. */
    public String service() {
        int slash = stream.indexOf('/');
        return slash > 0 ? stream.substring(0, slash) : "control-plane";
    }

    /** The sidecar; {@code ""} for the collector's own. */
    public String instance() {
        String[] parts = stream.split("/", 3);
        return parts.length == 3 ? parts[1] : "";
    }

    /** Of a field whose value is a text. */
    public Optional<String> text(String field) {
        return fields.get(field) instanceof String text ? Optional.of(text) : Optional.empty();
    }
}
