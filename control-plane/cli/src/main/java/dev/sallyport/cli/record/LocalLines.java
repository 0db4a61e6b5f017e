package dev.sallyport.cli.record;

import dev.sallyport.audit.RecordLine;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The lines of all logs below a folder, and later those that were added: each is given once. A line is read when its line feed is there. One thread. */
final class LocalLines {
    private static final String SUFFIX = ".audit.jsonl";
    private static final int DEPTH_MAX = 16;
    private static final int CHUNK_BYTES = 1024 * 1024;

    private final Path folder;
    /** How far each file was read: behind a line feed. */
    private final Map<Path, Long> read = new HashMap<>();

    LocalLines(Path folder) throws CliException {
        if (!Files.isDirectory(folder)) {
            throw new CliException(
                    folder + ": no such folder (expected: the state folder of a sidecar, or one above several)");
        }
        this.folder = folder;
    }

    /** Lines that are no records are passed over; {@code audit verify} names them. */
    void forEachNew(BiConsumer<byte[], RecordLine> action) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder, DEPTH_MAX)) {
            files = all.filter(path -> path.getFileName().toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        }
        read.keySet().retainAll(files);
        for (Path file : files) {
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
                read.put(file, readFrom(open, read.getOrDefault(file, 0L), action));
            }
        }
    }

    /** Until the end, or the zeros that are not written yet; where the next line begins. */
    private static long readFrom(RandomAccessFile file, long from, BiConsumer<byte[], RecordLine> action)
            throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        long at = from;
        while (true) {
            file.seek(at);
            int length = Math.max(0, file.read(chunk));
            int begin = 0;
            for (int i = 0; i < length && chunk[i] != 0; i++) {
                if (chunk[i] == '\n') {
                    byte[] line = Arrays.copyOfRange(chunk, begin, i);
                    RecordLine.parse(line).ifPresent(record -> action.accept(line, record));
                    begin = i + 1;
                }
            }
            at += begin;
            if (begin == 0) {
                return at;
            }
        }
    }
}
