package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Hash-chained write-ahead log: {@code <directory>/NNNNNNNN.audit.jsonl}, one writer thread, written within 10 ms and forced within 1 s. {@link Appender} never blocks: what
 * it takes waits in a ring that is bounded by count and by bytes.
 */
public final class AuditLog implements AutoCloseable {
    /** Records that may wait for the writer. */
    public static final int RING_RECORDS = 8192;

    /** Of the folder's bytes, in per cent: from here on what strangers cause finds no room. */
    private static final int REFUSING_WATERMARK = 85;

    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    /** How durable before the call-back (design section 7). */
    public enum Mode {
        /** Handed to the operating system. */
        BUFFERED,
        /** Forced to the disk. */
        REQUIRED
    }

    /** What became of a record. */
    public enum Outcome {
        /** The operating system has it; the disk within a second. */
        WRITTEN,
        /** The disk has it. */
        DURABLE,
        /** Too much was waiting for the disk; the log will say how many records that cost. */
        REFUSED_FULL,
        /** Of a buffered record: the disk took it neither here nor in a new file. Of a required one: or it did, but could not vouch for it, so the record may be there after all. */
        FAILED
    }

    /**
     * {@code name}: who writes, as {@code service/instance}; the stream's id is this and a random word that the folder keeps. {@code segmentBytes}: of one preallocated file. {@code
     * bytesMax}: of all files; a log that has them is a full disk until a collector's receipts free some. {@code deadline}: a device that takes longer has failed for those who wait.
     * {@code heartbeat}: how often the log says that it lives. {@code state}: what it says then (String or Long by key of {@link AuditFields}); asked on the log's own thread, quick.
     */
    public record Settings(
            String name,
            long segmentBytes,
            long bytesMax,
            Duration deadline,
            Duration heartbeat,
            Supplier<Map<String, Object>> state) {
        public static final long SEGMENT_BYTES = 64L * 1024 * 1024;
        public static final long BYTES_MAX = 4L * 1024 * 1024 * 1024;

        public Settings {
            if (segmentBytes < 8_000 || bytesMax < 2 * segmentBytes) {
                throw new IllegalArgumentException("audit log: segments of " + segmentBytes + " bytes in " + bytesMax
                        + " (expected: at least 8000, and two of them)");
            }
        }

        /** The usual bounds. */
        public static Settings of(String name) {
            return new Settings(
                    name, SEGMENT_BYTES, BYTES_MAX, Duration.ofMillis(250), Duration.ofSeconds(30), Map::of);
        }

        public Settings withSegmentBytes(long bytes) {
            return new Settings(name, bytes, bytesMax, deadline, heartbeat, state);
        }

        public Settings withBytesMax(long bytes) {
            return new Settings(name, segmentBytes, bytes, deadline, heartbeat, state);
        }

        public Settings withHeartbeat(Duration every, Supplier<Map<String, Object>> saying) {
            return new Settings(name, segmentBytes, bytesMax, deadline, every, saying);
        }
    }

    private final LogFiles files;
    private final Intake intake;
    private final LogWriter writer;
    private final Thread thread;

    private AuditLog(LogFiles files, Settings settings, int places) {
        this.files = files;
        this.intake = new Intake(places, () -> watermark() >= REFUSING_WATERMARK);
        DeviceWatch watch = new DeviceWatch(intake, settings.deadline());
        this.writer = new LogWriter(files, intake, watch, settings);
        Thread.ofPlatform().name("audit-log-watch").daemon().start(watch);
        this.thread = Thread.ofPlatform().name("audit-log").daemon().start(writer);
    }

    /**
     * Continues the chain of an existing folder in a new segment. After a crash a torn tail is cut off and kept beside, and what was lost is on record. IOException: another process
     * holds the folder, it is damaged elsewhere than at its end, it holds the stream of another name, or the disk refuses the first header.
     */
    public static AuditLog open(Path directory, Settings settings, Clock clock) throws IOException {
        return open(directory, settings, clock, DiskStorage::prepare, RING_RECORDS);
    }

    static AuditLog open(Path directory, Settings settings, Clock clock, Storage.Factory factory, int places)
            throws IOException {
        StreamFolder stream = StreamFolder.open(directory, settings.name(), settings.bytesMax());
        try {
            LogFiles files = new LogFiles(stream, settings, clock, factory);
            files.begin();
            return new AuditLog(files, settings, places);
        } catch (IOException e) {
            stream.close();
            throw e;
        }
    }

    /** The name of the stream that is written now; any thread. Kept over restarts; a folder that was taken away takes its stream along, and another one begins. */
    public String streamId() {
        return files.stream().id();
    }

    /** For the one who brings the records of the stream that is written now to a collector. */
    public Shipping shipping() {
        return new LogShipping(files.stream());
    }

    /** Of all records that the folder holds; any thread. */
    public long usedBytes() {
        return files.stream().segments().usedBytes();
    }

    /** What the folder may hold; any thread. */
    public long bytesMax() {
        return files.stream().segments().bytesMax();
    }

    /** The highest of 70, 85 and 95 % of {@link #bytesMax} that {@link #usedBytes} has reached, or 0; any thread. From 85 on what strangers cause finds no room. */
    public int watermark() {
        long percent = usedBytes() / (bytesMax() / 100);
        return percent >= 95 ? 95 : percent >= 85 ? 85 : percent >= 70 ? 70 : 0;
    }

    /** The last number that the disk has for good; any thread. */
    public long durableNumber() {
        return files.stream().segments().forced().number();
    }

    /** For one event loop, whose executor runs the call-backs. */
    public Appender on(Executor loop) {
        return new LoopAppender(intake, loop);
    }

    /** See {@link AuditLog#on}. That event loop only. */
    public interface Appender {
        /**
         * Gives the record away, {@link Mode#BUFFERED}, and returns at once: it is encoded later, on another thread, so from now on nobody changes it or anything it refers to. False
         * when too much was waiting, or the log is closed.
         */
        boolean append(AuditRecord record);

        /**
         * For those who wait: the record is encoded in the call, and may be filled on. Returns at once. True: {@code onDurable} runs on the loop, exactly once. False: it has run
         * already, in this call, with {@link Outcome#REFUSED_FULL}, or with {@link Outcome#FAILED} when the log is closed.
         */
        boolean append(AuditRecord record, Mode mode, Consumer<Outcome> onDurable);
    }

    /** By this process, the log's own records not counted. */
    public long recordsWritten() {
        return writer.written();
    }

    /** Exactly those that the log does not have; all but the ones after {@link #close} are on record as gaps. */
    public long recordsDropped() {
        return intake.dropped();
    }

    /** Of these, refused connections and denials. */
    public long refusalsDropped() {
        return intake.droppedRefusals();
    }

    /** Writes and forces what was appended, at most five seconds long, and lets go of the folder. IOException: the disk did not answer in time, and the folder stays locked. */
    @Override
    public void close() throws IOException {
        intake.close();
        try {
            thread.join(CLOSE_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            // The lock is kept: a second writer beside one that may still wake up would fork the chain.
            throw new IOException("audit log: the disk did not answer within " + CLOSE_WITHIN);
        }
        files.stream().close();
    }
}
