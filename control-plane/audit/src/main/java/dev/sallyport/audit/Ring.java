package dev.sallyport.audit;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounded queue of many producers and one consumer; nobody locks, a full or closed ring refuses. After D. Vyukov's bounded MPMC queue: a slot's turn says who may use it next.
 */
final class Ring<T> {
    /** In {@link #tail}: no producer gets a place any more. */
    private static final long CLOSED = Long.MIN_VALUE;

    private final int mask;
    private final AtomicReferenceArray<@Nullable T> slots;
    private final AtomicLongArray turns;
    private final AtomicLong tail = new AtomicLong();
    // Written by the consumer only.
    private volatile long head;

    /** {@code capacity} is a power of two. */
    Ring(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: a power of two)");
        }
        mask = capacity - 1;
        slots = new AtomicReferenceArray<>(capacity);
        turns = new AtomicLongArray(capacity);
        for (int i = 0; i < capacity; i++) {
            turns.set(i, i);
        }
    }

    /** Any thread. False when full or closed; after true the consumer will see the item. */
    boolean offer(T item) {
        long position = tail.get();
        while (position >= 0) {
            int slot = (int) position & mask;
            long ahead = turns.get(slot) - position;
            if (ahead == 0 && tail.compareAndSet(position, position + 1)) {
                slots.setRelease(slot, item);
                // Not setRelease: the producer looks next whether the consumer sleeps, and that read must not come
                // first.
                turns.set(slot, position + 1);
                return true;
            }
            if (ahead < 0) {
                return false;
            }
            position = tail.get();
        }
        return false;
    }

    /** The consumer's thread. Null when nothing is there yet. */
    @Nullable
    T poll() {
        long position = head;
        int slot = (int) position & mask;
        if (turns.getAcquire(slot) != position + 1) {
            return null;
        }
        T item = slots.getAcquire(slot);
        slots.setRelease(slot, null);
        turns.setRelease(slot, position + mask + 1);
        head = position + 1;
        return item;
    }

    /** Any thread; while others come and go, nearly. */
    int size() {
        return (int) ((tail.get() & ~CLOSED) - head);
    }

    /** Any thread: what is there, as far as it stays there, in no order. */
    void forEach(Consumer<T> action) {
        for (int i = 0; i <= mask; i++) {
            T item = slots.getAcquire(i);
            if (item != null) {
                action.accept(item);
            }
        }
    }

    /** The consumer's thread. */
    boolean isEmpty() {
        return turns.get((int) head & mask) != head + 1;
    }

    /** Any thread. From now on every offer is refused; what was accepted stays to be polled. */
    void close() {
        tail.updateAndGet(position -> position | CLOSED);
    }

    /** Any thread. */
    boolean isClosed() {
        return tail.get() < 0;
    }

    /** The consumer's thread, of a closed ring: whether everything that was accepted has been polled. */
    boolean isDrained() {
        return head == (tail.get() & ~CLOSED);
    }
}
