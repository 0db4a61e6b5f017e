package dev.sallyport.server.copies;

import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.server.records.LogEntries;
import dev.sallyport.server.store.PrivateFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log into one sink, on a thread of its own: reads a batch, hands it over, and moves the cursor when the sink has it. A stop or a crash between the last two sends the batch
 * once more. Reads by index alone; being woken only saves time.
 */
final class Copy implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(Copy.class);
    static final int RECORDS_MAX = 2_000;

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    /** For what is under way; then it is broken off. */
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

    private final CopySettings settings;
    private final Path folder;
    private final LogEntries entries;
    private final Reading reading;
    private final Sink sink;
    private final Clock clock;
    private final Tally tally = new Tally();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Semaphore woken = new Semaphore(0);
    private final Delivery delivery;
    private final Backoff backoff;
    private final Thread thread;
    private boolean placed; // the thread's own
    private long closeBy; // of whoever closes
    private volatile Cursor cursor = Cursor.at(0);
    /** When the first entry that is under way was made. */
    private volatile long waitingNanos;

    /** {@code folder}: where its cursor is, made when it is needed; {@code firstWait}: after a failure. */
    Copy(CopySettings settings, Path folder, LogEntries entries, Sink sink, Clock clock, Duration firstWait) {
        this.settings = settings;
        this.folder = folder;
        this.entries = entries;
        this.sink = sink;
        this.clock = clock;
        reading = new Reading(entries);
        RandomGenerator random = RandomGenerator.getDefault();
        backoff = new Backoff(stopped, random, firstWait);
        delivery = new Delivery(settings.name(), sink, tally, new Backoff(stopped, random, firstWait), RECORDS_MAX);
        thread = Thread.ofPlatform().daemon().name("copy-" + settings.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** There is something new in the log. Any thread; returns at once. */
    void wake() {
        if (woken.availablePermits() == 0) {
            woken.release();
        }
    }

    private void run() {
        while (stopped.getCount() > 0) {
            try {
                catchUp();
                tally.problem = Optional.empty();
                backoff.succeeded();
                woken.tryAcquire(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                woken.drainPermits();
            } catch (InterruptedException e) {
                return; // Only close interrupts.
            } catch (IOException | RuntimeException | Error e) { // A thread that ends is a copy that ends.
                if (!later(e)) {
                    return;
                }
            }
        }
    }

    private boolean later(Throwable e) {
        if (tally.problem.isEmpty()) {
            log.warn("copy {} cannot go on; it is tried again: {}", settings.name(), e.toString());
        }
        tally.problem = Optional.of(String.valueOf(e.getMessage()));
        waits();
        try {
            backoff.failed(Optional.empty());
            return true;
        } catch (InterruptedException stop) {
            return false;
        }
    }

    /** All that the log has now is in the sink when this returns. IOException: the log or the cursor's folder fails. */
    void catchUp() throws IOException, InterruptedException {
        if (!placed) {
            place();
            placed = true;
            tally.problem = Optional.empty();
        }
        while (stopped.getCount() > 0 && cursor.next() < entries.size()) {
            step();
        }
    }

    private void step() throws IOException, InterruptedException {
        long oldest = entries.first();
        if (cursor.next() < oldest) {
            gap(oldest);
        }
        List<ExportRecord> batch = reading.read(cursor.next(), delivery.size());
        if (batch.isEmpty()) {
            return;
        }
        waitingNanos = batch.getFirst().nanos();
        delivery.deliver(batch);
        move(Cursor.after(batch.getLast().index(), batch.getLast().entry()));
    }

    /** What is not read yet has no time of its own: it lags from now on, if not for longer. */
    private void waits() {
        if (waitingNanos == 0 && lagRecords() > 0) {
            waitingNanos = clock.millis() * 1_000_000;
        }
    }

    private void move(Cursor to) throws IOException {
        to.write(folder);
        cursor = to;
        waitingNanos = 0;
    }

    private void place() throws IOException, InterruptedException {
        PrivateFiles.folder(folder);
        switch (Cursor.read(folder)) {
            case Cursor.Stored.Absent _ -> move(Cursor.at(settings.fromNow() ? entries.size() : entries.first()));
            case Cursor.Stored.Unreadable _ -> restart(0, "cannot be read");
            case Cursor.Stored.Found(Cursor found) -> {
                if (fits(found)) {
                    cursor = found;
                } else {
                    restart(found.next(), "is of another log, or of this one before it was restored from a backup");
                }
            }
        }
    }

    private boolean fits(Cursor found) throws IOException {
        long before = found.next() - 1;
        return found.next() <= entries.size()
                && (before < entries.first()
                        || found.follows(entries.entries(before, 1).getFirst()));
    }

    /** From the oldest entry on: a record that comes twice is better than one that never comes. */
    private void restart(long next, String why) throws IOException, InterruptedException {
        long oldest = entries.first();
        log.error(
                "copy {}: its cursor {} {}; everything from entry {} on is copied again",
                settings.name(),
                next,
                why,
                oldest);
        waits();
        delivery.deliver(List.of(ExportRecord.notice(ExportRecord.EVENT_RESTART, oldest, next, clock.instant())));
        move(Cursor.at(oldest));
        tally.gaps.incrementAndGet(); // Here: a disk that takes no cursor must not count it again and again.
    }

    private void gap(long oldest) throws IOException, InterruptedException {
        long from = cursor.next();
        log.error(
                "copy {} lacks entries {} to {}: they were pruned before it came to them",
                settings.name(),
                from,
                oldest - 1);
        waits();
        delivery.deliver(List.of(ExportRecord.notice(ExportRecord.EVENT_GAP, from, oldest, clock.instant())));
        move(Cursor.at(oldest));
        tally.gaps.incrementAndGet();
        tally.missing.addAndGet(oldest - from);
    }

    String name() {
        return settings.name();
    }

    Tally tally() {
        return tally;
    }

    /** Entries of the log that the sink does not have. */
    long lagRecords() {
        return Math.max(0, entries.size() - cursor.next());
    }

    /** How old the oldest of them is; 0 when there is none. */
    double lagSeconds() {
        long since = waitingNanos;
        return lagRecords() == 0 || since == 0 ? 0 : Math.max(0, clock.millis() / 1e3 - since / 1e9);
    }

    CopyStatus status() {
        return new CopyStatus(
                settings.name(),
                settings.kind().word(),
                cursor.next(),
                lagRecords(),
                lagSeconds(),
                tally.sent.get(),
                tally.refused.get(),
                tally.leftOut.get(),
                tally.gaps.get(),
                tally.missing.get(),
                tally.problem);
    }

    /** It ends after what is under way. Returns at once. */
    void stop() {
        if (stopped.getCount() > 0) {
            closeBy = System.nanoTime() + CLOSE_WITHIN.toNanos();
            stopped.countDown();
            woken.release();
        }
    }

    /** Ends after what is under way, or breaks it off. */
    @Override
    public void close() {
        stop();
        try {
            if (thread.isAlive() && !thread.join(Duration.ofNanos(Math.max(0, closeBy - System.nanoTime())))) {
                thread.interrupt();
                thread.join(CLOSE_WITHIN);
            }
            sink.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.warn("copy {}: {}", settings.name(), e.toString());
        }
    }
}
