package dev.sallyport.proxy.testing;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.telemetry.Telemetry;
import java.time.Instant;
import java.util.function.Consumer;

/** Requests that nobody sent, told to the metrics as an event loop does. */
public final class CountedRequests {
    private final Observer observer;
    private final Direction direction;
    private final RequestHead head = new RequestHead(Limits.standard());

    public CountedRequests(ProxyMetrics metrics, Direction direction) {
        this.observer = Telemetry.of(metrics).observer(direction);
        this.direction = direction;
    }

    /** One of 10 µs; {@code filled}: what else is on its record. */
    public void ended(Reason reason, Span span, Consumer<AuditRecord> filled) {
        observer.started();
        AuditRecord record = new AuditRecord(
                "ID", Instant.parse("2026-11-26T10:00:00Z"), AuditRecord.Direction.valueOf(direction.name()));
        record.method = "GET";
        record.status = reason.status();
        record.durationMicros = 10;
        filled.accept(record);
        observer.ended(record, reason, head, span);
    }

    public void ended(Reason reason, Consumer<AuditRecord> filled) {
        ended(reason, Span.NONE, filled);
    }

    public void ended(Reason reason) {
        ended(reason, _ -> {});
    }

    public void started() {
        observer.started();
    }
}
