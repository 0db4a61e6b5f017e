package dev.sallyport.audit;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One event loop's way to the writer. That loop only. */
final class LoopAppender implements AuditLog.Appender {
    private final LogWriter writer;
    private final Executor loop;
    private final RecordWeight weight = new RecordWeight();
    private final JsonBuffer json = new JsonBuffer();
    private final RecordEncoder encoder = new RecordEncoder(json);

    LoopAppender(LogWriter writer, Executor loop) {
        this.writer = writer;
        this.loop = loop;
    }

    @Override
    public boolean append(AuditRecord record) {
        record.weight = weight.of(record);
        return writer.offer(record.weight <= RecordWeight.MAX ? record : new Waiting.Encoded(encode(record)));
    }

    @Override
    public boolean append(AuditRecord record, AuditLog.Mode mode, Consumer<AuditLog.Outcome> onDurable) {
        if (writer.offer(new Waiting.Awaited(encode(record), mode, loop, onDurable))) {
            return true;
        }
        onDurable.accept(writer.isClosed() ? AuditLog.Outcome.FAILED : AuditLog.Outcome.REFUSED_FULL);
        return false;
    }

    private byte[] encode(AuditRecord record) {
        json.cut(0);
        encoder.encode(record);
        return json.copy();
    }
}
