package dev.sallyport.proxy.ship;

import java.util.concurrent.atomic.AtomicLong;

/** How far shipping has come, for pages and metrics. Written by the shipper's thread only; read by any. */
public final class Shipped {
    /** Before anything was shipped. */
    private static final long USUAL_RECORD_BYTES = 1500;

    private final AtomicLong records = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private volatile long received;
    private volatile String problem = "";

    void receipt(long through, long newRecords, long newBytes) {
        received = through;
        records.addAndGet(newRecords);
        bytes.addAndGet(newBytes);
        problem = "";
    }

    /** The collector has so much, and perhaps less than was believed. */
    void begins(long through) {
        received = through;
    }

    void lost(long missing) {
        lost.addAndGet(missing);
    }

    void problem(String what) {
        problem = what;
    }

    /** With a receipt, since start. */
    public long records() {
        return records.get();
    }

    /** That the collector asked for and this log does not have any more. */
    public long lost() {
        return lost.get();
    }

    /** The number up to which the collector has everything. */
    public long received() {
        return received;
    }

    /** Why nothing goes on, for people; empty while it does. */
    public String problem() {
        return problem;
    }

    /** Records on disk without a receipt; {@code durable}: the last number on disk. */
    public long lagRecords(long durable) {
        return Math.max(0, durable - received);
    }

    /** About how many bytes these are: by the mean of what was shipped. */
    public long lagBytes(long durable) {
        long shipped = records.get();
        return lagRecords(durable) * (shipped == 0 ? USUAL_RECORD_BYTES : bytes.get() / shipped);
    }
}
