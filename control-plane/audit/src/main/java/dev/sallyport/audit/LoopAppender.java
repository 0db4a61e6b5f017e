package dev.sallyport.audit;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One event loop's way to the writer. That loop only. */
final class LoopAppender implements AuditLog.Appender {
    private final Intake intake;
    private final Executor loop;
    private final RecordWeight weight = new RecordWeight();
    private final JsonBuffer json = new JsonBuffer();
    private final RecordEncoder encoder = new RecordEncoder(json);

    LoopAppender(Intake intake, Executor loop) {
        this.intake = intake;
        this.loop = loop;
    }

    @Override
    public boolean append(AuditRecord record) {
        record.weight = weight.of(record);
        record.refusal = record.isRefusal();
        Waiting waiting =
                record.weight <= RecordWeight.MAX ? record : new Waiting.Encoded(encode(record), record.refusal);
        return intake.offer(waiting) == Intake.Answer.TAKEN;
    }

    @Override
    public boolean append(AuditRecord record, AuditLog.Mode mode, Consumer<AuditLog.Outcome> onDurable) {
        Waiting waiting = new Waiting.Awaited(encode(record), record.isRefusal(), mode, loop, onDurable);
        return switch (intake.offer(waiting)) {
            case TAKEN -> true;
            case FULL -> {
                onDurable.accept(AuditLog.Outcome.REFUSED_FULL);
                yield false;
            }
            case NO_DISK -> {
                onDurable.accept(AuditLog.Outcome.FAILED);
                yield false;
            }
        };
    }

    private byte[] encode(AuditRecord record) {
        json.cut(0);
        encoder.encode(record);
        return json.copy();
    }
}
