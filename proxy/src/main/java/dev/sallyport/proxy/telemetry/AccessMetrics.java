package dev.sallyport.proxy.telemetry;

import java.util.concurrent.atomic.LongAdder;

/** Lines of the access log and of taps. Any thread. */
public final class AccessMetrics {
    /** On disk, or on standard output. */
    public final LongAdder written = new LongAdder();
    /** Found no room, because whoever takes the lines is too slow or fails. */
    public final LongAdder dropped = new LongAdder();
    /** Given to a listener. */
    public final LongAdder sent = new LongAdder();
    /** Beyond a listener's rate, or than it reads. */
    public final LongAdder skipped = new LongAdder();

    AccessMetrics() {}
}
