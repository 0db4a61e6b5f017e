package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import dev.sallyport.audit.RecordLine;
import dev.sallyport.server.records.IndexWriter.Line;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the index behind the log, on a thread of its own that nothing waits for: what it cannot do now it does later, and what is damaged it makes again. */
public final class RecordFollower implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RecordFollower.class);
    /** Entries of one transaction: several batches, a few megabytes. */
    private static final int AT_ONCE = 4_096;

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);
    private static final Duration TELL_EVERY = Duration.ofSeconds(10);

    private final RecordIndex index;
    private final LogEntries entries;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;
    // The thread's own.
    private boolean compared;
    private boolean failing;
    private long told = System.nanoTime();

    public RecordFollower(RecordIndex index, LogEntries entries) {
        this.index = index;
        this.entries = entries;
        this.thread = Thread.ofPlatform().daemon().name("records-index").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /** There is something new in the log. Any thread; returns at once. */
    public void wake() {
        woken.release();
    }

    private void run() {
        while (!closed) {
            try {
                catchUp();
                failing = false;
                woken.tryAcquire(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                woken.drainPermits();
            } catch (InterruptedException e) {
                closed = true;
            } catch (IOException | RuntimeException e) {
                later(e);
            }
        }
    }

    private void later(Exception e) {
        if (!failing) {
            log.warn("the index of records does not follow the log; it goes on when it can: {}", e.toString());
        }
        failing = true;
        try {
            Thread.sleep(LOOK_EVERY);
        } catch (InterruptedException interrupted) {
            closed = true;
        }
    }

    /** Adds all that the log has now; for the thread, and for whoever has no thread. IOException: the log cannot be read now, or the index cannot be written at all. */
    public void catchUp() throws IOException {
        if (!compared) {
            if (isOfAnotherLog()) {
                log.warn("the index of records is of another log; it is made anew");
                index.restart();
            }
            compared = true;
        }
        try {
            index.forget(entries.first());
            while (!closed && index.next() < entries.size()) {
                step(Math.max(index.next(), entries.first()));
                tell();
            }
        } catch (SQLException e) {
            index.recover(e);
        }
    }

    /** After a restore of either from a backup. */
    private boolean isOfAnotherLog() throws IOException {
        long next = index.next();
        return next > entries.size()
                || (next > entries.first()
                        && !hash(entries.entries(next - 1, 1).getFirst()).equals(index.hash()));
    }

    private void step(long first) throws IOException, SQLException {
        List<byte[]> read = entries.entries(first, AT_ONCE);
        List<Optional<RecordLine>> parsed = read.stream().map(RecordLine::parse).toList();
        int end = first + read.size() < entries.size() ? wholeBatches(parsed) : read.size();
        String stream = "";
        List<Line> lines = new ArrayList<>(end);
        // Backwards: the seal behind the records says whose they are.
        long covered = 0;
        for (int i = end - 1; i >= 0; i--, covered--) {
            if (parsed.get(i).isPresent()) {
                RecordLine line = parsed.get(i).get();
                if (line.covers() > 0) {
                    stream = line.value(RecordField.STREAM);
                    covered = line.covers() + 1;
                }
                lines.add(new Line(first + i, covered > 0 ? line.of(stream) : line));
            }
        }
        index.add(lines.reversed(), first + end, hash(read.get(end - 1)));
    }

    /** Up to behind the last seal: the records behind it are of a batch whose seal was not read yet. Without any seal all. */
    private static int wholeBatches(List<Optional<RecordLine>> parsed) {
        for (int i = parsed.size(); i > 0; i--) {
            if (parsed.get(i - 1).filter(line -> line.covers() > 0).isPresent()) {
                return i;
            }
        }
        return parsed.size();
    }

    private void tell() {
        if (System.nanoTime() - told > TELL_EVERY.toNanos()) {
            told = System.nanoTime();
            log.info("the index of records has {} of {} entries of the log", index.next(), entries.size());
        }
    }

    private static String hash(byte[] entry) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(entry));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Ends after the transaction at hand. */
    @Override
    public void close() {
        closed = true;
        wake();
        try {
            if (thread.isAlive()) {
                thread.join(CLOSE_WITHIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
