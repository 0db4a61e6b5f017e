package dev.sallyport.proxy.telemetry;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;

/** Hears of the requests of one direction on one event loop, on that loop: it never blocks, locks or touches a disk. */
@FunctionalInterface
public interface Observer {
    /** Made for each event loop and direction, before anything is served. */
    @FunctionalInterface
    interface Maker {
        Observer on(Connections.Direction direction);
    }

    /** A request has begun; {@link #ended} follows. */
    default void started() {}

    /**
     * A request has ended, whatever became of it; once each. {@code record} is complete, is on its way to the audit log, and is changed by nobody from here on: it may be kept. {@code
     * head} is as it was forwarded, or as far as it could be read; its bytes are another request's when this returns. {@code span}: {@link Span#NONE} where nobody is told of it.
     */
    void ended(AuditRecord record, Reason reason, RequestHead head, Span span);
}
