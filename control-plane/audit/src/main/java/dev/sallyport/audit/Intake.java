package dev.sallyport.audit;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where records wait for the writer, bounded by count and by bytes. Of the places, what a stranger causes gets a quarter at most, and all that nobody waits for seven eighths: the rest
 * is for requests that must be on record before they go on. {@link #offer} is for any thread and never blocks; what the writer does is for its thread.
 */
final class Intake {
    enum Answer {
        TAKEN,
        /** No room for one of its kind. */
        FULL,
        /** The disk does not answer, or the log is closed. */
        NO_DISK
    }

    /** What the writer does, for those who might have to wake it. */
    private enum State {
        BUSY,
        /** Lets records come together: only an urgent one wakes it. */
        GATHERING,
        /** Nothing came for a while: the next record wakes it. */
        IDLE
    }

    /** By {@link Waiting#bytes}: some hundred and sixty usual records. */
    private static final int BATCH_BYTES_MAX = 256 * 1024;

    /** Of all that waits: the ring counts records, and one may have 60 KiB. */
    private static final long BYTES_MAX = 16L * 1024 * 1024;

    private static final long BUFFERED_BYTES_MAX = BYTES_MAX / 8 * 7;
    private static final long REFUSAL_BYTES_MAX = BYTES_MAX / 4;

    private final Ring<Waiting> ring;
    private final BooleanSupplier nearlyFull;
    private final int bufferedMax;
    private final int refusalsMax;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicLong refusalBytes = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedRefusals = new AtomicLong();

    private volatile State state = State.BUSY;
    private volatile boolean urgent;
    private volatile boolean closing;
    /** The disk does not answer: whoever must wait for it hears so at once. */
    private volatile boolean stuck;

    private volatile @Nullable Thread writer;

    /** {@code nearlyFull}: of the folder; what is left of it then is for records of those who were let in. Asked by any thread. */
    Intake(int places, BooleanSupplier nearlyFull) {
        this.nearlyFull = nearlyFull;
        ring = new Ring<>(places);
        bufferedMax = places - places / 8;
        refusalsMax = Math.max(1, places / 4);
    }

    Answer offer(Waiting waiting) {
        boolean required = Waiting.isRequired(waiting);
        boolean refusal = Waiting.isRefusal(waiting);
        if (required && stuck) {
            return drop(refusal, Answer.NO_DISK);
        }
        int size = Waiting.bytes(waiting);
        if (refusal && !admitRefusal(size)) {
            return drop(true, Answer.FULL);
        }
        boolean room = bytes.addAndGet(size) <= (required ? BYTES_MAX : BUFFERED_BYTES_MAX)
                && (required || ring.size() < bufferedMax);
        if (!room || !ring.offer(waiting)) {
            bytes.addAndGet(-size);
            if (refusal) {
                refusals.decrementAndGet();
                refusalBytes.addAndGet(-size);
            }
            return drop(refusal, ring.isClosed() ? Answer.NO_DISK : Answer.FULL);
        }
        wake(required);
        return Answer.TAKEN;
    }

    private boolean admitRefusal(int size) {
        if (nearlyFull.getAsBoolean()) {
            return false;
        }
        if (refusals.incrementAndGet() > refusalsMax) {
            refusals.decrementAndGet();
            return false;
        }
        if (refusalBytes.addAndGet(size) > REFUSAL_BYTES_MAX) {
            refusals.decrementAndGet();
            refusalBytes.addAndGet(-size);
            return false;
        }
        return true;
    }

    private Answer drop(boolean refusal, Answer why) {
        dropped.incrementAndGet();
        if (refusal) {
            droppedRefusals.incrementAndGet();
        }
        return why;
    }

    private void wake(boolean required) {
        if (required) {
            urgent = true;
        }
        State now = state;
        if (now == State.IDLE || (now == State.GATHERING && required)) {
            LockSupport.unpark(writer);
        }
    }

    /** Any thread. Of all records, exactly those that the log does not have. */
    long dropped() {
        return dropped.get();
    }

    /** Any thread. Of these, the ones that strangers caused. */
    long droppedRefusals() {
        return droppedRefusals.get();
    }

    /** Any thread. The writer is to end when everything accepted is written. */
    void close() {
        closing = true;
        LockSupport.unpark(writer);
    }

    /** Any thread. */
    void stuck(boolean now) {
        stuck = now;
    }

    /** Any thread: what waits, without taking it; what the writer takes meanwhile may be seen or not. */
    void forEach(Consumer<Waiting> action) {
        ring.forEach(action);
    }

    // What follows is for the writer's thread.

    void begin() {
        writer = Thread.currentThread();
    }

    boolean isClosing() {
        return closing;
    }

    /** Adds what waits, as far as a batch may go; whether more may be waiting. */
    boolean fill(List<Waiting> batch) {
        int taken = 0;
        int refused = 0;
        int refusedBytes = 0;
        Waiting waiting;
        while (taken < BATCH_BYTES_MAX && (waiting = ring.poll()) != null) {
            batch.add(waiting);
            int size = Waiting.bytes(waiting);
            taken += size;
            if (Waiting.isRefusal(waiting)) {
                refused++;
                refusedBytes += size;
            }
        }
        bytes.addAndGet(-taken);
        if (refused > 0) {
            refusals.addAndGet(-refused);
            refusalBytes.addAndGet(-refusedBytes);
        }
        return taken >= BATCH_BYTES_MAX;
    }

    /** Sleeps a moment unless somebody waits for the disk. A busy loop pays for no wake-up at all: the writer comes by itself, again and again until it finds nothing. */
    void gather(long nanos) {
        state = State.GATHERING;
        long until = System.nanoTime() + nanos;
        long left = nanos;
        // Looked at after the state is set: who was urgent before that did not see us sleep.
        while (!closing && !urgent && left > 0) {
            LockSupport.parkNanos(this, left);
            left = until - System.nanoTime();
        }
        state = State.BUSY;
        urgent = false;
    }

    /** Waits for {@code records} to be there, for so long at most: those who were just answered come again, and one force is for all of them. */
    @SuppressWarnings("ThreadPriorityCheck") // a hint, and right without it
    void await(int records, long nanos) {
        long until = System.nanoTime() + nanos;
        while (ring.size() < records && System.nanoTime() - until < 0) {
            Thread.yield(); // On one core they need it to come at all.
        }
    }

    /** Any thread; nearly. */
    int waiting() {
        return ring.size();
    }

    /** Sleeps until somebody appends, or for so long. */
    void idle(LongSupplier nanos) {
        state = State.IDLE;
        // Looked at after the state is set: whoever appended before that did not see us sleep.
        if (!closing && ring.isEmpty()) {
            LockSupport.parkNanos(this, Math.max(1, nanos.getAsLong()));
        }
        state = State.BUSY;
    }

    /** Nothing is accepted from now on; what was stays to be taken. */
    void shut() {
        ring.close();
    }

    /** Of one that is shut: whether everything that was accepted has been taken. */
    boolean isDrained() {
        return ring.isDrained();
    }

    /** Of records that were taken and not written. */
    void lost(List<Waiting> batch) {
        for (Waiting waiting : batch) {
            drop(Waiting.isRefusal(waiting), Answer.NO_DISK);
        }
    }
}
