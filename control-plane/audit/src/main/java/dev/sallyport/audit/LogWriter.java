package dev.sallyport.audit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The one thread of a log: drains the ring, writes a batch at once, forces what must be, and calls back. {@link #offer} and {@link #close} are for any thread. */
final class LogWriter implements Runnable {
    /** What the writer does, for those who might have to wake it. */
    private enum State {
        BUSY,
        /** Lets records come together: only an urgent one wakes it. */
        GATHERING,
        /** Nothing came for a while: the next record wakes it. */
        IDLE
    }

    private static final long GATHER_NANOS = Duration.ofMillis(5).toNanos();
    private static final long FORCE_NANOS = Duration.ofMillis(950).toNanos();
    private static final long IDLE_NANOS = Duration.ofSeconds(60).toNanos();
    /** By {@link Waiting#bytes}: some eighty usual records. */
    private static final int BATCH_BYTES_MAX = 128 * 1024;

    /** Of all that waits: the ring counts records, and one may have 60 KiB. */
    private static final long WAITING_BYTES_MAX = 16L * 1024 * 1024;

    private final LogFiles files;
    private final Ring<Waiting> ring;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong written = new AtomicLong();

    // Written by the writer's thread only.
    private final List<Waiting> batch = new ArrayList<>();
    private boolean batchFull;
    private boolean batchRequired;
    private long droppedOnRecord;

    private volatile State state = State.BUSY;
    private volatile boolean urgent;
    private volatile boolean closing;
    private volatile @Nullable Thread thread;

    LogWriter(LogFiles files, int ringRecords) {
        this.files = files;
        this.ring = new Ring<>(ringRecords);
    }

    /** False when there is no room, or no writer any more. */
    boolean offer(Waiting waiting) {
        int bytes = Waiting.bytes(waiting);
        if (waitingBytes.addAndGet(bytes) > WAITING_BYTES_MAX || !ring.offer(waiting)) {
            waitingBytes.addAndGet(-bytes);
            dropped.incrementAndGet();
            return false;
        }
        boolean required = isRequired(waiting);
        if (required) {
            urgent = true;
        }
        State now = state;
        if (now == State.IDLE || (now == State.GATHERING && required)) {
            LockSupport.unpark(thread);
        }
        return true;
    }

    boolean isClosed() {
        return ring.isClosed();
    }

    /** Returns at once; the thread ends when everything accepted is written. */
    void close() {
        closing = true;
        LockSupport.unpark(thread);
    }

    long dropped() {
        return dropped.get();
    }

    long written() {
        return written.get();
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        try {
            while (!closing) {
                if (!batchFull) {
                    gather();
                }
                if (fill()) {
                    writeBatch();
                } else {
                    idle();
                }
                forceIfDue();
            }
            ring.close();
            while (!ring.isDrained()) {
                if (fill()) {
                    writeBatch();
                } else {
                    Thread.onSpinWait(); // A producer has its place and is about to fill it.
                }
            }
            writeEnd();
        } finally {
            failTheRest();
            files.abandon();
        }
    }

    /** Whether there is a batch to write. */
    private boolean fill() {
        int bytes = 0;
        batchRequired = false;
        Waiting waiting;
        while (bytes < BATCH_BYTES_MAX && (waiting = ring.poll()) != null) {
            batch.add(waiting);
            batchRequired |= isRequired(waiting);
            bytes += Waiting.bytes(waiting);
        }
        waitingBytes.addAndGet(-bytes);
        batchFull = bytes >= BATCH_BYTES_MAX;
        return !batch.isEmpty();
    }

    /** Sleeps a moment unless somebody waits for the disk. A busy loop pays for no wake-up at all: the writer comes by itself, again and again until it finds nothing. */
    private void gather() {
        state = State.GATHERING;
        long until = System.nanoTime() + GATHER_NANOS;
        long left = GATHER_NANOS;
        // Looked at after the state is set: who was urgent before that did not see us sleep.
        while (!closing && !urgent && left > 0) {
            LockSupport.parkNanos(this, left);
            left = until - System.nanoTime();
        }
        state = State.BUSY;
        urgent = false;
    }

    /** Sleeps until somebody appends. */
    private void idle() {
        state = State.IDLE;
        // Looked at after the state is set: whoever appended before that did not see us sleep.
        if (!closing && ring.isEmpty()) {
            LockSupport.parkNanos(this, files.hasUnforced() ? Math.max(1, nanosToForce()) : IDLE_NANOS);
        }
        state = State.BUSY;
    }

    private void writeBatch() {
        AuditLog.Outcome buffered = AuditLog.Outcome.WRITTEN;
        AuditLog.Outcome required = AuditLog.Outcome.FAILED;
        if (writeOrMoveOn()) {
            written.addAndGet(batch.size());
            if (batchRequired && forceOrMoveOn()) {
                required = AuditLog.Outcome.DURABLE;
            }
        } else {
            dropped.addAndGet(batch.size());
            buffered = AuditLog.Outcome.FAILED;
        }
        for (Waiting waiting : batch) {
            answer(waiting, isRequired(waiting) ? required : buffered);
        }
        batch.clear();
    }

    private static boolean isRequired(Waiting waiting) {
        return waiting instanceof Waiting.Awaited awaited && awaited.mode() == AuditLog.Mode.REQUIRED;
    }

    /** A write that fails is taken back and made once more, in the next file. */
    private boolean writeOrMoveOn() {
        try {
            writeGap();
            files.write(batch);
            return true;
        } catch (IOException first) {
            try {
                files.moveOn(first);
                files.write(batch);
                return true;
            } catch (IOException second) {
                files.abandon();
                return false;
            }
        }
    }

    /** A force that fails is not tried again, here or elsewhere: nobody knows what the disk has of this file. */
    private boolean forceOrMoveOn() {
        try {
            files.force();
            return true;
        } catch (IOException e) {
            try {
                files.moveOn(e);
            } catch (IOException next) {
                files.abandon();
            }
            return false;
        }
    }

    private void forceIfDue() {
        if (files.hasUnforced() && nanosToForce() <= 0) {
            forceOrMoveOn();
        }
    }

    private long nanosToForce() {
        return files.forcedAtNanos() + FORCE_NANOS - System.nanoTime();
    }

    /** What a full ring or a failed disk cost is on record, exactly, before anything else is. */
    private void writeGap() throws IOException {
        long now = dropped.get();
        if (now > droppedOnRecord) {
            files.writeOwn("gap", AuditFields.DROPPED_RECORDS, now - droppedOnRecord);
            droppedOnRecord = now;
        }
    }

    private void writeEnd() {
        try {
            writeGap();
            files.writeOwn("end", AuditFields.RECORDS, written.get());
            files.force();
        } catch (IOException e) {
            // Nothing is left to write to; the missing end record is the trace.
        }
    }

    /** After an error that nobody foresaw too: a caller that waits for a durable record must hear that there is none. */
    private void failTheRest() {
        ring.close();
        while (fill() || !ring.isDrained()) {
            dropped.addAndGet(batch.size());
            batch.forEach(waiting -> answer(waiting, AuditLog.Outcome.FAILED));
            batch.clear();
        }
    }

    private static void answer(Waiting waiting, AuditLog.Outcome outcome) {
        if (waiting instanceof Waiting.Awaited awaited) {
            try {
                awaited.loop().execute(() -> awaited.onDurable().accept(outcome));
            } catch (RejectedExecutionException e) {
                // The loop has ended; its connections have too, and nobody waits for the answer.
            }
        }
    }
}
