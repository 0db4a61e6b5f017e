package dev.sallyport.server.copies;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What became of a copy's records since the start. Written by the copy's thread, read by any. */
final class Tally {
    final AtomicLong sent = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    /** For which the format has no words. */
    final AtomicLong leftOut = new AtomicLong();

    final AtomicLong gaps = new AtomicLong();
    /** Entries in those gaps. */
    final AtomicLong missing = new AtomicLong();
    /** Why the copy does not go on; empty while it does. */
    volatile Optional<String> problem = Optional.empty();
}
