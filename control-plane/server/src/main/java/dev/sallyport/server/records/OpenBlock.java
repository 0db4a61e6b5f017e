package dev.sallyport.server.records;

import java.util.Arrays;

/** The last block, still growing, in memory. One thread adds; any reads what was added before. */
final class OpenBlock implements Block {
    /** Of one record; each of its fields is one term. */
    private static final int TERMS_MAX = 16;

    private final long number;
    /** A term in the upper half, a place in the lower; in the order in which they came. Only the part before {@code count} is read. */
    private final long[] pairs = new long[SIZE * TERMS_MAX];

    /** By place; {@link Long#MIN_VALUE} where no record is. */
    private final long[] times = new long[SIZE];

    // Written last by the one thread that adds, read first by all others: what is before it is seen.
    private volatile int count;
    private volatile long least = Long.MAX_VALUE;
    private volatile long most = Long.MIN_VALUE;

    OpenBlock(long number) {
        this.number = number;
        Arrays.fill(times, Long.MIN_VALUE);
    }

    void add(int place, long time, int[] terms) {
        int at = count;
        for (int term : terms) {
            pairs[at++] = (long) term << 32 | place;
        }
        times[place] = time;
        least = Math.min(least, time);
        most = Math.max(most, time);
        count = at;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public long least() {
        return least;
    }

    @Override
    public long most() {
        return most;
    }

    @Override
    public Bits having(int term, Pages pages) {
        Bits bits = new Bits();
        int end = count;
        for (int i = 0; i < end; i++) {
            if ((int) (pairs[i] >>> 32) == term) {
                bits.set((int) pairs[i]);
            }
        }
        return bits;
    }

    @Override
    public Bits between(long from, long to, Pages pages) {
        Bits bits = new Bits();
        int last = count == 0 ? -1 : (int) pairs[count - 1];
        for (int place = 0; place <= last; place++) {
            if (times[place] >= from && times[place] < to) {
                bits.set(place);
            }
        }
        return bits;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** All pairs by term and place, for the last time they are needed. The writer's thread. */
    long[] sorted() {
        long[] sorted = Arrays.copyOf(pairs, count);
        Arrays.sort(sorted);
        return sorted;
    }

    long[] times() {
        return times;
    }
}
