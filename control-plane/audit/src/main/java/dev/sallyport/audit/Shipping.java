package dev.sallyport.audit;

import java.io.IOException;
import java.util.Optional;

/** What a log gives to whoever brings its records to a collector: stretches of lines that are on disk for good, and the right to forget what was received. One thread; it may block. */
public interface Shipping {
    /**
     * Consecutive lines {@code first} to {@code last}, each with its line feed, as they are on disk. {@code previousHash}: of the line before; {@code head}: of the last one; 64 hex
     * digits each.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Stretch(long first, long last, String previousHash, String head, byte[] lines) {}

    /** The log's name, of every header. */
    String streamId();

    /**
     * The lines after {@code number}, at least one and at most {@code bytesMax} bytes together (at least 64 KiB); empty while none after it is forced. The first is {@code number + 1}, except
     * behind a crash: then it is a header that names how many numbers were skipped ({@link AuditFields#SKIPPED_NUMBERS}), and its previous hash is still that of line {@code number}.
     * IOException: what was there is damaged, or gone; of a segment that somebody deleted it is said once, and the next call goes on behind it. After the folder was taken away it is said of everything: {@link AuditLog#shipping} has the
     * stream that began then.
     */
    Optional<Stretch> after(long number, int bytesMax) throws IOException;

    /** The number up to which a collector has everything; survives a restart. 0 before the first receipt. */
    long received();

    /** A collector has everything up to {@code number}: files that hold nothing later may go. */
    void received(long number) throws IOException;
}
