package dev.sallyport.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** The folder that holds one stream, locked, with what outlives a crash beside the segments: the limit of its numbers, and the cursor of receipts. */
final class StreamFolder implements AutoCloseable {
    private static final int ID_BYTES = 8;

    private final Path path;
    private final Object key;
    private final FileChannel lock;
    private final String id;
    private final Recovery.End end;
    private final Segments segments;
    private final DurableNumber highWater;
    private final DurableNumber received;

    private StreamFolder(Path path, FileChannel lock, String name, long bytesMax) throws IOException {
        this.path = path;
        this.lock = lock;
        this.key = key(path);
        this.end = Recovery.end(path);
        this.id = end.isEmpty() ? name + "/" + random() : end.streamId();
        if (!id.equals(name) && !id.startsWith(name + "/")) {
            throw new IOException("audit log " + path + ": of stream " + id + " (expected: one of " + name
                    + "; move the folder aside to start a new log)");
        }
        if (end.isEmpty()) {
            // Left by a stream whose segments are gone: their numbers are not this one's.
            Files.deleteIfExists(path.resolve(LogFolder.HIGH_WATER));
            Files.deleteIfExists(path.resolve(LogFolder.RECEIVED));
        }
        long known = DurableNumber.read(path.resolve(LogFolder.RECEIVED)).orElse(0);
        if (known > end.number()) {
            throw new IOException("audit log " + path + ": ends with number " + end.number()
                    + ", but a collector has received number " + known
                    + " (expected: what was received is not cut off; move the folder aside to start a new log)");
        }
        this.segments = segments(path, bytesMax, end);
        long unknown = end.isEmpty() || end.ended() ? end.number() : end.number() + HighWater.UNKNOWN;
        this.highWater = DurableNumber.open(path.resolve(LogFolder.HIGH_WATER), unknown);
        this.received = DurableNumber.open(path.resolve(LogFolder.RECEIVED), 0);
    }

    /** IOException: another process holds it, it is damaged, or of another name's stream. */
    static StreamFolder open(Path path, String name, long bytesMax) throws IOException {
        FileChannel lock = LogFolder.lock(path);
        try {
            return new StreamFolder(path, lock, name, bytesMax);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    private static String random() {
        byte[] bytes = new byte[ID_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static Segments segments(Path path, long bytesMax, Recovery.End end) throws IOException {
        Segments segments = new Segments(path, bytesMax);
        for (Path file : LogFolder.files(path)) {
            segments.found(LogFolder.number(file), firstNumber(file), Files.size(file));
        }
        segments.foundEnd(new Segments.Forced(end.lastFile(), end.lastBytes(), end.number()));
        return segments;
    }

    private static long firstNumber(Path file) throws IOException {
        ChainCheck header = ChainCheck.anywhere();
        try (LineReader lines = LineReader.of(file)) {
            if (!lines.next()
                    || header.problem(lines.array(), lines.from(), lines.to()).isPresent()) {
                throw new IOException(file
                        + ":1: not a header (expected: an unbroken chain; move the folder aside to start a new log)");
            }
        }
        return header.number();
    }

    private static Object key(Path path) throws IOException {
        return Objects.requireNonNullElse(
                Files.readAttributes(path, BasicFileAttributes.class).fileKey(), "");
    }

    /** Whether its path leads elsewhere by now, or nowhere. */
    boolean isLost() throws IOException {
        try {
            return !key(path).equals(key);
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    Path path() {
        return path;
    }

    /** Of the stream. */
    String id() {
        return id;
    }

    /** Where the stream stood when the folder was opened. */
    Recovery.End end() {
        return end;
    }

    /** How many numbers a crash may have used that nobody finds again: as many records are lost at most. */
    long lostMax() {
        return end.ended() ? 0 : Math.max(0, highWater.value() - end.number());
    }

    Segments segments() {
        return segments;
    }

    DurableNumber highWater() {
        return highWater;
    }

    DurableNumber received() {
        return received;
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable part : List.of(highWater, received, lock)) {
            try {
                part.close();
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }
}
