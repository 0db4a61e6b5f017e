package dev.sallyport.server.issuance;

import dev.sallyport.identity.RenewalSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.random.RandomGenerator;

/**
 * When each certificate is renewed, planned against all the others: a fleet that starts together would otherwise come back together. Time lies in slots of one second; a new
 * certificate goes to the emptiest of the parts of its window, and there to the emptiest part again, until one slot is left. So every stretch of the window, long or short, carries what
 * its length says, where a plain draw leaves heaps. Drawn once for each certificate. Any thread; never blocks for longer than a few thousand additions.
 */
public final class RenewalSlots {
    /** A power of two: 2^19 seconds are six days, and the longest leaf (7 days) is renewed within 5.25. */
    private static final int SLOTS = 1 << 19;

    private static final long SLOT_MILLIS = Duration.ofSeconds(1).toMillis();

    /** Few enough to look at each, so many that one heap puts off a small part of the window alone. */
    private static final int PARTS = 64;

    private final RandomGenerator random;
    /** Loads as a Fenwick tree over a ring: the slot of a second is its number modulo {@link #SLOTS}. guarded by this, as below */
    private final int[] tree = new int[SLOTS + 1];

    private final int[] loads = new int[SLOTS];
    /** The number of the first slot that is not over. */
    private long first = Long.MIN_VALUE;

    public RenewalSlots(RandomGenerator random) {
        this.random = random;
    }

    /** Takes a slot for a certificate that is handed out now: within {@link RenewalSchedule#WINDOW_FROM} to {@link RenewalSchedule#WINDOW_TO} of what lies ahead of it. */
    public synchronized Instant plan(Instant now, Instant notAfter) {
        forgetPast(now);
        long ahead = Math.max(0, Duration.between(now, notAfter).toMillis());
        long earliest = now.toEpochMilli() + (long) (ahead * RenewalSchedule.WINDOW_FROM);
        long latest = now.toEpochMilli() + (long) (ahead * RenewalSchedule.WINDOW_TO);
        long from = Math.ceilDiv(earliest, SLOT_MILLIS);
        long to = Math.min(latest / SLOT_MILLIS, first + SLOTS);
        if (to <= from) { // Narrower than a slot: nothing to choose from.
            return Instant.ofEpochMilli(earliest + (long) (random.nextDouble() * (latest - earliest)));
        }
        long slot = emptiest(from, to);
        add(slot, 1);
        return Instant.ofEpochMilli(slot * SLOT_MILLIS + random.nextLong(SLOT_MILLIS));
    }

    /** The certificate that was to be renewed then no longer needs it: it was renewed early, revoked, or not handed out after all. */
    public synchronized void release(Instant now, Instant renewAt) {
        forgetPast(now);
        long slot = slot(renewAt);
        if (known(slot) && loads[index(slot)] > 0) {
            add(slot, -1);
        }
    }

    /** What was planned before this process started. */
    public synchronized void restore(Instant now, Collection<Instant> planned) {
        forgetPast(now);
        planned.stream().mapToLong(RenewalSlots::slot).filter(this::known).forEach(slot -> add(slot, 1));
    }

    /** The window in parts, the emptiest of them in parts again, until it is one slot; equals by lot. */
    private long emptiest(long from, long to) {
        long low = from;
        long high = to;
        while (high - low > 1) {
            int parts = (int) Math.min(PARTS, high - low);
            long bestFrom = low;
            long bestTo = high;
            long bestLoad = Long.MAX_VALUE;
            int equals = 1;
            for (int part = 0; part < parts; part++) {
                long start = low + (high - low) * part / parts;
                long end = low + (high - low) * (part + 1) / parts;
                long load = sum(start, end);
                // Densities, cross-multiplied: the parts are not all of one length.
                long difference =
                        bestLoad == Long.MAX_VALUE ? -1 : load * (bestTo - bestFrom) - bestLoad * (end - start);
                equals = difference < 0 ? 1 : equals + (difference == 0 ? 1 : 0);
                if (difference < 0 || (difference == 0 && random.nextInt(equals) == 0)) {
                    bestFrom = start;
                    bestTo = end;
                    bestLoad = load;
                }
            }
            low = bestFrom;
            high = bestTo;
        }
        return low;
    }

    private static long slot(Instant moment) {
        return Math.floorDiv(moment.toEpochMilli(), SLOT_MILLIS);
    }

    private boolean known(long slot) {
        return slot >= first && slot < first + SLOTS;
    }

    private static int index(long slot) {
        return (int) Math.floorMod(slot, (long) SLOTS);
    }

    /** Slots that are over become those at the far end, empty. A clock that was set back forgets nothing. */
    private void forgetPast(Instant now) {
        long current = slot(now);
        if (first == Long.MIN_VALUE) {
            first = current;
        }
        for (long over = Math.max(first, current - SLOTS); over < current; over++) {
            add(over, -loads[index(over)]);
        }
        first = Math.max(first, current);
    }

    private void add(long slot, int change) {
        if (change == 0) {
            return;
        }
        int index = index(slot);
        loads[index] += change;
        for (int node = index + 1; node <= SLOTS; node += node & -node) {
            tree[node] += change;
        }
    }

    /** The load of the slots {@code from} (inclusive) to {@code to} (exclusive), which lie within one turn of the ring. */
    private long sum(long from, long to) {
        int start = index(from);
        int end = start + (int) (to - from);
        return end <= SLOTS ? below(end) - below(start) : below(SLOTS) - below(start) + below(end - SLOTS);
    }

    private long below(int index) {
        long total = 0;
        for (int node = index; node > 0; node -= node & -node) {
            total += tree[node];
        }
        return total;
    }
}
