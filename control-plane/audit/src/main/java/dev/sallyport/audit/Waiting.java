package dev.sallyport.audit;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A record on its way to the writer, not yet numbered. */
sealed interface Waiting permits AuditRecord, Waiting.Encoded, Waiting.Awaited {
    /** The heap that it keeps, in bytes. */
    static int bytes(Waiting waiting) {
        return switch (waiting) {
            case AuditRecord record -> record.weight;
            case Encoded encoded -> encoded.body().length;
            case Awaited awaited -> awaited.body().length;
        };
    }

    static boolean isRequired(Waiting waiting) {
        return waiting instanceof Awaited awaited && awaited.mode() == AuditLog.Mode.REQUIRED;
    }

    /** Whether it counts against the quota of what strangers cause; a record that its request waits for never does. */
    static boolean isRefusal(Waiting waiting) {
        return switch (waiting) {
            case AuditRecord record -> record.refusal;
            case Encoded encoded -> encoded.refusal();
            case Awaited awaited -> awaited.refusal() && awaited.mode() != AuditLog.Mode.REQUIRED;
        };
    }

    /** Too large to keep as an object; nobody waits for it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Encoded(byte[] body, boolean refusal) implements Waiting {}

    /** Somebody waits for it, and may go on with the record meanwhile. {@code answered}: set by whoever answers, the writer or the watch over a disk that hangs; the other one does not. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Awaited(
            byte[] body,
            boolean refusal,
            AuditLog.Mode mode,
            Executor loop,
            Consumer<AuditLog.Outcome> onDurable,
            AtomicBoolean answered)
            implements Waiting {
        Awaited(byte[] body, boolean refusal, AuditLog.Mode mode, Executor loop, Consumer<AuditLog.Outcome> onDurable) {
            this(body, refusal, mode, loop, onDurable, new AtomicBoolean());
        }
    }
}
