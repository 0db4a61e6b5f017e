package dev.sallyport.server.collector;

import java.util.List;

/** Hears of everything that has become part of the tiled log, in order, once; what came before it listened, or while it failed, it reads by {@link AuditRecords#entries}. */
@FunctionalInterface
public interface LogListener {
    /** {@code entries}: the exact bytes of the leaves from index {@code first} on; shared, not to be changed. On the collector's own thread: a slow listener slows down the log. */
    void integrated(long first, List<byte[]> entries);
}
