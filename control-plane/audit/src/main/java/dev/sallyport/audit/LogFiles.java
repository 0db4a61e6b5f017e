package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one log, one after the other: numbers and chains records, writes and forces them, goes on in the next. After an error of the disk a segment is never forced again
 * (Linux marks its pages clean, so a second force would lie): the next one goes on, and says so. One thread, but {@link #stream}.
 */
final class LogFiles {
    /** Forced before more than this waits for it: what a crash can tear is bounded, see {@link Recovery}. */
    static final long UNFORCED_BYTES_MAX = 8L * 1024 * 1024;

    /** At a segment's end, for what the log says when there is no next one: that it lost records, and that it ended. */
    private static final int RESERVE_BYTES = 4096;

    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(3);

    /** A record of the log's own: what it is, and pairs of key and value. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Own(String phase, Object... pairs) {
        Own and(String key, Object value) {
            Object[] more = Arrays.copyOf(pairs, pairs.length + 2);
            more[pairs.length] = key;
            more[pairs.length + 1] = value;
            return new Own(phase, more);
        }
    }

    /** Records that found no room since the last gap was on record, and how many of them a stranger caused. */
    record Gap(long records, long refusals) {
        Own own() {
            return new Own("gap", AuditFields.DROPPED_RECORDS, records, AuditFields.DROPPED_REFUSALS, refusals);
        }
    }

    private final Clock clock;
    private final Storage.Factory factory;
    private final AuditLog.Settings settings;
    /** What is being written; used again for every batch. */
    private final JsonBuffer lines = new JsonBuffer();

    private final RecordEncoder encoder = new RecordEncoder(lines);

    private volatile StreamFolder stream;
    private Ahead ahead;
    private HighWater highWater;
    private HashChain chain;
    private int nextFile;
    /** What the next segment says after its header. */
    private @Nullable Own pending;

    /** Absent while the disk refuses a new one. */
    private @Nullable Storage current;
    /** What is preallocated of it. */
    private long segmentBytes;
    /** Up to the end of the last whole line. */
    private long position;

    private long unforcedBytes;
    private long forcedAtNanos = System.nanoTime();

    LogFiles(StreamFolder stream, AuditLog.Settings settings, Clock clock, Storage.Factory factory) {
        this.settings = settings;
        this.clock = clock;
        this.factory = factory;
        this.stream = stream;
        this.chain = new HashChain(stream.end().head(), stream.end().number());
        this.ahead = new Ahead(stream.path(), factory, stream.segments(), settings.segmentBytes());
        this.highWater = new HighWater(stream.highWater(), ahead);
        this.nextFile = stream.end().nextFile();
    }

    /** Any thread. What is written now; another one after the folder was taken away. */
    StreamFolder stream() {
        return stream;
    }

    /** The first header is on disk when it returns, and what a crash cost. */
    void begin() throws IOException {
        Recovery.End end = stream.end();
        long lostMax = stream.lostMax();
        if (!end.ended()) {
            pending = new Own("recovered", AuditFields.TORN_BYTES, end.tornBytes(), AuditFields.LOST_MAX, lostMax);
        }
        try {
            use(ahead.first(), lostMax);
            force();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** The gap and all of them, in one write, or IOException and none. */
    void write(Gap gap, List<Waiting> batch) throws IOException {
        if (current == null) {
            roll();
        }
        HashChain.Mark before = chain.mark();
        encode(gap, batch);
        if (position + lines.length() > segmentBytes - RESERVE_BYTES && isBegun()) {
            chain.reset(before);
            roll();
            before = chain.mark();
            encode(gap, batch);
        }
        append(before);
    }

    /** It holds more than its header; else a batch that does not fit into a whole segment makes it longer. */
    private boolean isBegun() {
        return position > RESERVE_BYTES;
    }

    private void encode(Gap gap, List<Waiting> batch) {
        lines.cut(0);
        if (gap.records() > 0) {
            encode(gap.own());
        }
        for (Waiting waiting : batch) {
            int start = lines.length();
            switch (waiting) {
                case AuditRecord record -> encoder.encode(record);
                case Waiting.Encoded encoded -> lines.append(encoded.body());
                case Waiting.Awaited awaited -> lines.append(awaited.body());
            }
            chain.seal(lines, start);
        }
    }

    private void encode(Own own) {
        int start = lines.length();
        encoder.encodeOwn(clock.instant(), own.phase(), own.pairs());
        chain.seal(lines, start);
    }

    /** What the log says of itself in the middle of a stream. */
    void write(Own own) throws IOException {
        if (current == null || position > segmentBytes - RESERVE_BYTES) {
            roll();
        }
        writeHere(own);
    }

    private void writeHere(Own own) throws IOException {
        HashChain.Mark before = chain.mark();
        lines.cut(0);
        encode(own);
        append(before);
    }

    private void append(HashChain.Mark before) throws IOException {
        try {
            highWater.use(chain.number());
            open().write(lines.content(), position);
        } catch (IOException e) {
            chain.reset(before);
            throw e;
        }
        position += lines.length();
        unforcedBytes += lines.length();
        stream.segments().written(position);
    }

    /** On disk, under its name: who deletes a file that is written is noticed here. */
    void force() throws IOException {
        Storage storage = open();
        storage.force();
        storage.check(Math.max(segmentBytes, position));
        stream.segments().forced(nextFile - 1, position, chain.number());
        forced();
    }

    private void forced() {
        unforcedBytes = 0;
        forcedAtNanos = System.nanoTime();
    }

    long unforcedBytes() {
        return unforcedBytes;
    }

    /** {@link System#nanoTime} of the last force. */
    long forcedAtNanos() {
        return forcedAtNanos;
    }

    /** After an error: the next segment says what happened to this one, and how much of it may not have reached the disk. */
    void moveOn(IOException cause) throws IOException {
        if (pending == null) {
            long atRisk = cause instanceof LostSegmentException ? position : unforcedBytes;
            pending = new Own("fault", AuditFields.UNFORCED_BYTES, atRisk, AuditFields.ERROR_TYPE, Fault.word(cause));
        }
        abandon();
        roll();
    }

    /** Lets go of the segment; a half-written batch is cut off, so that what stays is whole lines. */
    void abandon() {
        Storage broken = current;
        current = null;
        forced();
        if (broken != null) {
            stream.segments().ended(nextFile - 1, position);
            try (broken) {
                broken.truncate(position);
            } catch (IOException e) {
                // The disk that failed may fail again. Opening the log later cuts the torn tail.
            }
        }
    }

    /** After a second error: lets go of the segment, unless it is not to blame. */
    void giveUp(IOException cause) {
        if (!(cause instanceof StandstillException)) {
            abandon();
        }
    }

    /** Goes on in the next segment. StandstillException: there is none, and this one stays. */
    private void roll() throws IOException {
        if (current == null && stream.isLost()) {
            beginAnew();
        }
        Ahead.Ready next = ahead.await(onDisk());
        Storage full = current;
        if (full != null) {
            force();
            current = null;
            stream.segments().ended(nextFile - 1, position);
            ahead.finish(full, position);
        }
        use(next, 0);
    }

    /** Of the open segment. */
    private long onDisk() {
        return current == null ? 0 : Math.max(segmentBytes, position);
    }

    private void use(Ahead.Ready next, long skipped) throws IOException {
        Path file = LogFolder.file(stream.path(), nextFile);
        HashChain.Mark before = chain.mark();
        lines.cut(0);
        chain.skip(skipped);
        long first = chain.number() + 1;
        encode(header(skipped));
        if (pending != null) {
            encode(pending);
        }
        try {
            highWater.use(chain.number());
            next.storage().rename(file);
            next.storage().write(lines.content(), 0);
        } catch (IOException e) {
            chain.reset(before);
            // A segment without its header would be a hole in the log for everybody who verifies it.
            discard(next.storage(), file);
            throw e;
        } finally {
            ahead.taken(next.bytes());
        }
        current = next.storage();
        segmentBytes = next.bytes();
        position = lines.length();
        unforcedBytes = position;
        stream.segments().begun(nextFile, first);
        stream.segments().written(position);
        nextFile++;
        pending = null;
    }

    private Own header(long skipped) {
        Own header = new Own(
                "header",
                AuditFields.STREAM_ID,
                stream.id(),
                AuditFields.FILE_NUMBER,
                (long) nextFile,
                AuditFields.SERVICE_VERSION,
                System.getProperty("sallyport.version", "unknown"));
        return skipped == 0 ? header : header.and(AuditFields.SKIPPED_NUMBERS, skipped);
    }

    private static void discard(Storage storage, Path file) {
        try (storage) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The next one takes its name.
        }
    }

    /** The folder was taken away, with the stream in it: what comes now is another one, and says which it follows. */
    private void beginAnew() throws IOException {
        StreamFolder lost = stream;
        if (!Files.isDirectory(lost.path().resolveSibling("."))) {
            throw new StandstillException(lost.path() + ": gone, and the folder above it");
        }
        if (Files.isDirectory(lost.path()) && !LogFolder.files(lost.path()).isEmpty()) {
            // Perhaps an older copy of this stream: its numbers would be used twice.
            throw new StandstillException(lost.path() + ": replaced by another log (expected: this one, or none)");
        }
        StreamFolder fresh = StreamFolder.open(lost.path(), settings.name(), settings.bytesMax());
        ahead.close(Duration.ZERO);
        lost.close();
        stream = fresh;
        Own fault = pending == null ? new Own("fault") : pending;
        pending = fault.and(AuditFields.PREVIOUS_STREAM, lost.id());
        chain = new HashChain(HashChain.GENESIS, 0);
        ahead = new Ahead(fresh.path(), factory, fresh.segments(), settings.segmentBytes());
        highWater = new HighWater(fresh.highWater(), ahead);
        nextFile = 1;
        ahead.prepare(0);
    }

    /** The last record of all, where there is a segment to write it to. */
    void end(Gap gap, long records) throws IOException {
        open();
        if (gap.records() > 0) {
            writeHere(gap.own());
        }
        writeHere(new Own("end", AuditFields.RECORDS, records));
        force();
    }

    /** Lets go of everything but the folder. */
    void close() {
        abandon();
        ahead.close(CLOSE_WITHIN);
    }

    private Storage open() throws IOException {
        Storage storage = current;
        if (storage == null) {
            throw new StandstillException("audit log: no segment is open");
        }
        return storage;
    }
}
