package dev.sallyport.audit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The one thread of a log: takes what waits, writes it in batches at once, forces what must be, and answers. */
final class LogWriter implements Runnable {
    /** What is buffered is written within ten; each time costs a wake-up and a write, whatever it brings. */
    private static final long GATHER_NANOS = Duration.ofMillis(8).toNanos();
    /** A quarter of what a good disk takes to force. */
    private static final long AWAIT_NANOS = 25_000;

    private static final long FORCE_NANOS = Duration.ofMillis(950).toNanos();
    private static final long IDLE_NANOS = Duration.ofSeconds(60).toNanos();
    private final LogFiles files;
    private final Intake intake;
    private final DeviceWatch watch;
    private final AuditLog.Settings settings;
    private final AtomicLong written = new AtomicLong();

    // The writer's thread only.
    private final List<Waiting> batch = new ArrayList<>();
    private boolean more;
    /** As many as are about to come, if those who were answered have more. */
    private int expected;

    private long droppedOnRecord;
    private long refusalsOnRecord;
    private long heartbeatAtNanos = System.nanoTime();

    LogWriter(LogFiles files, Intake intake, DeviceWatch watch, AuditLog.Settings settings) {
        this.files = files;
        this.intake = intake;
        this.watch = watch;
        this.settings = settings;
    }

    /** Any thread. */
    long written() {
        return written.get();
    }

    @Override
    public void run() {
        intake.begin();
        try {
            while (!intake.isClosing()) {
                if (!more) {
                    intake.gather(GATHER_NANOS);
                    intake.await(expected, AWAIT_NANOS);
                }
                if (fill()) {
                    writeBatch();
                } else {
                    intake.idle(this::nanosToDo);
                }
                forceIfDue();
                heartbeatIfDue();
            }
            intake.shut();
            while (!intake.isDrained()) {
                if (fill()) {
                    writeBatch();
                } else {
                    Thread.onSpinWait(); // A producer has its place and is about to fill it.
                }
            }
            writeEnd();
        } finally {
            failTheRest();
            files.close();
            watch.close();
        }
    }

    /** Whether there is a batch to write. */
    private boolean fill() {
        more = intake.fill(batch);
        return !batch.isEmpty();
    }

    private void writeBatch() {
        AuditLog.Outcome buffered = AuditLog.Outcome.WRITTEN;
        AuditLog.Outcome required = AuditLog.Outcome.FAILED;
        watch.begin(batch);
        if (writeOrMoveOn()) {
            written.addAndGet(batch.size());
            if (isRequired() && forceOrMoveOn()) {
                required = AuditLog.Outcome.DURABLE;
            }
        } else {
            intake.lost(batch);
            buffered = AuditLog.Outcome.FAILED;
        }
        Duration hung = watch.end();
        int others = intake.waiting();
        Answers.give(batch, buffered, required);
        expected = required == AuditLog.Outcome.DURABLE && batch.size() + others > 1 ? batch.size() + others : 0;
        batch.clear();
        afterwards(hung);
    }

    private boolean isRequired() {
        for (int i = 0; i < batch.size(); i++) {
            if (Waiting.isRequired(batch.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** A write that fails is taken back and made once more, in the next segment. */
    private boolean writeOrMoveOn() {
        LogFiles.Gap gap = gap();
        try {
            files.write(gap, batch);
        } catch (StandstillException e) {
            return false;
        } catch (IOException first) {
            try {
                files.moveOn(first);
                files.write(gap, batch);
            } catch (IOException second) {
                files.giveUp(second);
                return false;
            }
        }
        onRecord(gap);
        return true;
    }

    /** A force that fails is not tried again, here or elsewhere: nobody knows what the disk has of this segment. */
    private boolean forceOrMoveOn() {
        try {
            files.force();
            return true;
        } catch (IOException e) {
            try {
                files.moveOn(e);
            } catch (IOException next) {
                files.giveUp(next);
            }
            return false;
        }
    }

    /** What a full ring or a failed disk cost is on record, exactly, before anything else is. */
    private LogFiles.Gap gap() {
        return new LogFiles.Gap(intake.dropped() - droppedOnRecord, intake.droppedRefusals() - refusalsOnRecord);
    }

    private void onRecord(LogFiles.Gap gap) {
        droppedOnRecord += gap.records();
        refusalsOnRecord += gap.refusals();
    }

    private void forceIfDue() {
        if (files.unforcedBytes() > LogFiles.UNFORCED_BYTES_MAX || (files.unforcedBytes() > 0 && nanosToForce() <= 0)) {
            watch.begin(batch);
            forceOrMoveOn();
            afterwards(watch.end());
        }
    }

    private long nanosToForce() {
        return files.forcedAtNanos() + FORCE_NANOS - System.nanoTime();
    }

    private long nanosToHeartbeat() {
        return heartbeatAtNanos + settings.heartbeat().toNanos() - System.nanoTime();
    }

    private long nanosToDo() {
        return Math.min(files.unforcedBytes() > 0 ? nanosToForce() : IDLE_NANOS, nanosToHeartbeat());
    }

    private void heartbeatIfDue() {
        if (nanosToHeartbeat() <= 0) {
            heartbeatAtNanos = System.nanoTime();
            writeOwn(heartbeat());
        }
    }

    private LogFiles.Own heartbeat() {
        LogFiles.Own heartbeat = new LogFiles.Own("heartbeat", AuditFields.RECORDS, written.get());
        try {
            for (Map.Entry<String, Object> pair : settings.state().get().entrySet()) {
                heartbeat = heartbeat.and(pair.getKey(), pair.getValue());
            }
            return heartbeat;
        } catch (RuntimeException e) {
            // The log lives, whoever was asked does not.
            return heartbeat.and(AuditFields.ERROR_TYPE, e.getClass().getSimpleName());
        }
    }

    /** A disk that answered too late is on record. */
    private void afterwards(Duration hung) {
        if (hung.isPositive()) {
            writeOwn(new LogFiles.Own(
                    "fault", AuditFields.ERROR_TYPE, "device_hung", AuditFields.HUNG_MILLIS, hung.toMillis()));
        }
    }

    private void writeOwn(LogFiles.Own own) {
        watch.begin(batch);
        try {
            files.write(own);
        } catch (StandstillException e) {
            // Nothing can be written; that nothing was is the trace.
        } catch (IOException e) {
            try {
                files.moveOn(e);
            } catch (IOException next) {
                files.giveUp(next);
            }
        }
        watch.end();
    }

    private void writeEnd() {
        try {
            files.end(gap(), written.get());
        } catch (IOException e) {
            // Nothing is left to write to; the missing end record is the trace.
        }
    }

    /** After an error that nobody foresaw too: a caller that waits for a durable record must hear that there is none. */
    private void failTheRest() {
        intake.shut();
        do {
            intake.lost(batch);
            Answers.give(batch, AuditLog.Outcome.FAILED, AuditLog.Outcome.FAILED);
            batch.clear();
        } while (fill() || !intake.isDrained());
    }
}
