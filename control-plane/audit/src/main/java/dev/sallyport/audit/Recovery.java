package dev.sallyport.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/**
 * Where a log stands when its folder is opened again: reads the last segment anew. What a crash tore off its end goes to {@code FILE.torn}; any other damage is refused, naming the
 * place.
 */
final class Recovery {
    /** As much as the writer leaves unforced, and a batch: a longer stretch is no crash's, and putting it aside would take records away that the disk had. */
    static final long TORN_BYTES_MAX = LogFiles.UNFORCED_BYTES_MAX + 1024 * 1024;

    private static final String END = "end";

    private Recovery() {}

    /**
     * {@code streamId}: empty when nothing is there. {@code nextFile}: the next segment's. {@code number}, {@code head}: of the last line. {@code ended}: it says that the log ended
     * well. {@code lastFile}, {@code lastBytes}: where it stands; 0 when nothing is there.
     */
    record End(
            String streamId,
            int nextFile,
            String head,
            long number,
            long tornBytes,
            boolean ended,
            int lastFile,
            long lastBytes) {
        boolean isEmpty() {
            return lastFile == 0;
        }
    }

    static End end(Path folder) throws IOException {
        return end(folder, LogFolder.files(folder), 0);
    }

    private static End end(Path folder, List<Path> files, long tornBefore) throws IOException {
        if (files.isEmpty()) {
            return new End("", 1, HashChain.GENESIS, 0, tornBefore, tornBefore == 0, 0, 0);
        }
        Path last = files.getLast();
        int file = LogFolder.number(last);
        ChainReader.Result result = ChainReader.read(last, ChainReader.Start.ANY);
        long torn = tornBefore + cut(last, result);
        if (result.number() == 0) {
            // Not one whole line: the chain stands where the file before ended.
            Files.delete(last);
            return end(folder, files.subList(0, files.size() - 1), torn);
        }
        boolean ended = torn == 0 && result.phase().equals(END);
        return new End(
                result.streamId(), file + 1, result.head(), result.number(), torn, ended, file, result.goodBytes());
    }

    /** Leaves whole lines and nothing else; how many torn bytes there were. */
    private static long cut(Path last, ChainReader.Result result) throws IOException {
        long torn = result.writtenBytes() - result.goodBytes();
        if (result.bad().isPresent()) {
            // A line is written with its line feed last: one that has it was whole once, also when it is the last one.
            if (!result.badIsTorn() || torn > TORN_BYTES_MAX) {
                AuditVerifier.BadRecord bad = result.bad().get();
                throw new IOException(last + ":" + bad.line() + ": " + bad.problem()
                        + " (expected: an unbroken chain; move the folder aside to start a new log)");
            }
        }
        if (Files.size(last) > result.goodBytes() || !result.phase().equals(END)) {
            putAside(last, result.goodBytes(), result.writtenBytes());
        }
        return torn;
    }

    /** And what stays is on disk, whether the writer had come to force it or not. */
    private static void putAside(Path file, long goodBytes, long writtenBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (writtenBytes > goodBytes) {
                Path aside = file.resolveSibling(file.getFileName() + ".torn");
                try (FileChannel torn = FileChannel.open(
                        aside, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), DiskStorage.FILE_MODE)) {
                    for (long at = goodBytes; at < writtenBytes; ) {
                        at += channel.transferTo(at, writtenBytes - at, torn);
                    }
                    // In this order: a crash in between leaves the tail twice, never nowhere.
                    torn.force(true);
                }
            }
            channel.truncate(goodBytes);
            channel.force(true);
        }
    }
}
