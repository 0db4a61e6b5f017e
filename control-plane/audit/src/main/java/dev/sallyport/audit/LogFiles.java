package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of one log, one after the other: numbers and chains records, writes and forces them, rolls. After an error of the disk a file is never forced again (Linux marks its
 * pages clean, so a second force would lie): the next file goes on, and says so. One thread.
 */
final class LogFiles {
    private final Path folder;
    private final String streamId;
    private final Clock clock;
    private final Storage.Factory factory;
    private final long fileBytesMax;
    private final HashChain chain;
    /** What is being written; used again for every batch. */
    private final JsonBuffer lines = new JsonBuffer();

    private final RecordEncoder encoder = new RecordEncoder(lines);

    private int nextNumber;
    /** The file whose header could not be written, and which could not be deleted then. */
    private boolean leftover;

    /** Absent while the disk refuses a new file. */
    private @Nullable Storage current;
    /** Up to the end of the last whole line. */
    private long fileBytes;

    private long unforcedBytes;
    private long forcedAtNanos = System.nanoTime();

    LogFiles(Path folder, String streamId, Clock clock, Storage.Factory factory, long fileBytesMax, LogFolder.End end) {
        this.folder = folder;
        this.streamId = streamId;
        this.clock = clock;
        this.factory = factory;
        this.fileBytesMax = fileBytesMax;
        this.chain = new HashChain(end.head(), end.number());
        this.nextNumber = end.nextFile();
    }

    /** The first header is on disk when it returns. */
    void begin(long tornBytes) throws IOException {
        openNext();
        if (tornBytes > 0) {
            writeOwn("recovered", AuditFields.TORN_BYTES, tornBytes);
        }
        force();
    }

    /** All of them, in one write, or IOException and none. */
    void write(List<Waiting> batch) throws IOException {
        if (current == null || fileBytes >= fileBytesMax) {
            roll();
        }
        HashChain.Mark before = chain.mark();
        lines.cut(0);
        for (Waiting waiting : batch) {
            int start = lines.length();
            switch (waiting) {
                case AuditRecord record -> encoder.encode(record);
                case Waiting.Encoded(byte[] body) -> lines.append(body);
                case Waiting.Awaited awaited -> lines.append(awaited.body());
            }
            chain.seal(lines, start);
        }
        append(before);
    }

    /** A record of the log's own. */
    void writeOwn(String phase, Object... pairs) throws IOException {
        if (current == null) {
            roll();
        }
        HashChain.Mark before = chain.mark();
        lines.cut(0);
        encoder.encodeOwn(clock.instant(), phase, pairs);
        chain.seal(lines, 0);
        append(before);
    }

    private void append(HashChain.Mark before) throws IOException {
        try {
            open().write(lines.content());
            fileBytes += lines.length();
            unforcedBytes += lines.length();
        } catch (IOException e) {
            chain.reset(before);
            throw e;
        }
    }

    void force() throws IOException {
        open().force();
        forced();
    }

    private void forced() {
        unforcedBytes = 0;
        forcedAtNanos = System.nanoTime();
    }

    boolean hasUnforced() {
        return unforcedBytes > 0;
    }

    /** {@link System#nanoTime} of the last force. */
    long forcedAtNanos() {
        return forcedAtNanos;
    }

    /** After an error: the next file says what happened to this one, and how much of it may not have reached the disk. */
    void moveOn(IOException cause) throws IOException {
        long atRisk = unforcedBytes;
        abandon();
        openNext();
        writeOwn(
                "fault",
                AuditFields.UNFORCED_BYTES,
                atRisk,
                AuditFields.ERROR_TYPE,
                cause.getClass().getSimpleName());
    }

    /** Lets go of the file; a half-written batch is cut off, so that what stays is whole lines. */
    void abandon() {
        Storage broken = current;
        current = null;
        forced();
        if (broken != null) {
            try (broken) {
                broken.truncate(fileBytes);
            } catch (IOException e) {
                // The disk that failed may fail again. Opening the log later cuts the torn tail.
            }
        }
    }

    private void roll() throws IOException {
        Storage full = current;
        if (full != null) {
            force();
            current = null;
            full.close();
        }
        openNext();
    }

    private void openNext() throws IOException {
        Path file = LogFolder.file(folder, nextNumber);
        if (leftover) {
            Files.deleteIfExists(file);
            leftover = false;
        }
        current = factory.create(file);
        fileBytes = 0;
        try {
            writeOwn(
                    "header",
                    AuditFields.STREAM_ID,
                    streamId,
                    AuditFields.FILE_NUMBER,
                    (long) nextNumber,
                    AuditFields.SERVICE_VERSION,
                    System.getProperty("sallyport.version", "unknown"));
        } catch (IOException e) {
            // A file without its header would be a hole in the log for everybody who verifies it.
            leftover = true;
            abandon();
            Files.deleteIfExists(file);
            throw e;
        }
        nextNumber++;
    }

    private Storage open() throws IOException {
        Storage storage = current;
        if (storage == null) {
            throw new IOException("audit log: no file is open");
        }
        return storage;
    }
}
