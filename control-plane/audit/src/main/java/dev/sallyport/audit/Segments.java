package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Which segment of a stream holds which numbers, how many bytes they have together, and how much of the last one is on disk for good. Any thread; nobody waits for anybody. */
final class Segments {
    /** {@code first}: number of its header. {@code bytes}: up to the end of its last line, as it was when the segment ended; of the live one 0. */
    record Segment(int file, long first, long bytes) {}

    /** The disk has the live segment's first {@code bytes}, the last line of which is {@code number}. */
    record Forced(int file, long bytes, long number) {}

    private final Path folder;
    private final long bytesMax;
    private final ConcurrentSkipListMap<Integer, Segment> byFile = new ConcurrentSkipListMap<>();
    private final AtomicLong endedBytes = new AtomicLong();
    private volatile long liveBytes;
    private volatile long preparedBytes;
    private volatile Forced forced = new Forced(0, 0, 0);

    Segments(Path folder, long bytesMax) {
        this.folder = folder;
        this.bytesMax = bytesMax;
    }

    /** From a folder that is opened. */
    void found(int file, long first, long bytes) {
        byFile.put(file, new Segment(file, first, bytes));
        endedBytes.addAndGet(bytes);
    }

    /** Up to here the log stood when its folder was opened. */
    void foundEnd(Forced end) {
        forced = end;
    }

    /** The writer's thread. */
    void begun(int file, long first) {
        byFile.put(file, new Segment(file, first, 0));
    }

    /** The writer's thread. */
    void written(long bytes) {
        liveBytes = bytes;
    }

    /** The writer's thread. */
    void forced(int file, long bytes, long number) {
        forced = new Forced(file, bytes, number);
    }

    /** The writer's thread. */
    void ended(int file, long bytes) {
        byFile.computeIfPresent(file, (_, live) -> new Segment(file, live.first(), bytes));
        liveBytes = 0;
        endedBytes.addAndGet(bytes);
    }

    void prepared(long bytes) {
        preparedBytes = bytes;
    }

    Forced forced() {
        return forced;
    }

    /** Of all records. */
    long usedBytes() {
        return endedBytes.get() + liveBytes;
    }

    long bytesMax() {
        return bytesMax;
    }

    /** Whether a segment of {@code bytes} more keeps within the bound, when the live one has {@code live} on disk. */
    boolean hasRoom(long live, long bytes) {
        return endedBytes.get() + live + preparedBytes + bytes <= bytesMax;
    }

    Optional<Segment> first() {
        return Optional.ofNullable(byFile.firstEntry()).map(Map.Entry::getValue);
    }

    /** The one that may hold the line after {@code number}: the last that begins at it or before; the first of all when none does. */
    Optional<Segment> holding(long number) {
        Segment holding = null;
        for (Segment segment : byFile.values()) {
            if (holding != null && segment.first() > number + 1) {
                break;
            }
            holding = segment;
        }
        return Optional.ofNullable(holding);
    }

    Optional<Segment> next(Segment segment) {
        return Optional.ofNullable(byFile.higherEntry(segment.file())).map(Map.Entry::getValue);
    }

    /** Deletes ended segments that hold nothing after {@code number}, oldest first: what is left stays one chain. */
    void free(long number) throws IOException {
        for (Segment segment : byFile.values()) {
            Optional<Segment> next = next(segment);
            if (next.isEmpty() || next.get().first() - 1 > number) {
                return;
            }
            Files.deleteIfExists(LogFolder.file(folder, segment.file()));
            byFile.remove(segment.file());
            endedBytes.addAndGet(-segment.bytes());
        }
    }

    /** Takes note of ended segments that somebody carried off: their room is free, whatever a verifier will say of it. */
    void lookAgain() {
        for (Segment segment : byFile.values()) {
            if (next(segment).isPresent() && !Files.exists(LogFolder.file(folder, segment.file()))) {
                byFile.remove(segment.file());
                endedBytes.addAndGet(-segment.bytes());
            }
        }
    }
}
