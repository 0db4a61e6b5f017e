package dev.sallyport.audit;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A record on its way to the writer, not yet numbered. */
sealed interface Waiting permits AuditRecord, Waiting.Encoded, Waiting.Awaited {
    /** The heap that it keeps, in bytes. */
    static int bytes(Waiting waiting) {
        return switch (waiting) {
            case AuditRecord record -> record.weight;
            case Encoded(byte[] body) -> body.length;
            case Awaited awaited -> awaited.body().length;
        };
    }

    /** Too large to keep as an object; nobody waits for it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Encoded(byte[] body) implements Waiting {}

    /** Somebody waits for it, and may go on with the record meanwhile. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Awaited(byte[] body, AuditLog.Mode mode, Executor loop, Consumer<AuditLog.Outcome> onDurable)
            implements Waiting {}
}
