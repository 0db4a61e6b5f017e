package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recomputes chains over the stored bytes; never re-serialises. A folder is searched for logs in every depth, and each log's files are one chain from file 1 on. A file alone may
 * start in the middle of one.
 *
 * <p>What a chain alone cannot show: a tail that was cut off between two records, a whole log that was removed, and a log that somebody with write access computed anew. The last
 * record of a log that ended well is an {@code end} record. Memory is bounded by one line. The segment that is being written ends in zeros; a last line that is being written is looked at again.
 */
public final class AuditVerifier {
    /** Of the last file of a log that is written meanwhile. */
    private static final int READINGS_MAX = 5;

    private AuditVerifier() {}

    /** {@code records}: requests and refused connections; an intent is not another one. {@code bad}: the first record that does not hold. */
    public record Report(List<LogReport> logs, long records, Optional<BadRecord> bad) {}

    /**
     * One log (folder). {@code head}: the last hash, hex. {@code first}: the number that it begins with; above 1, a collector has received what was before, as the folder says. {@code
     * lostMax}: numbers that crashes may have used for records that nobody has.
     */
    public record LogReport(
            Path folder, String streamId, int files, long records, String head, long first, long lostMax) {
        /** What holds and should be known all the same, for people. */
        public List<String> notes() {
            List<String> notes = new ArrayList<>(2);
            if (first > 1) {
                notes.add("begins at number " + first + ": earlier records were received by a collector");
            }
            if (lostMax > 0) {
                notes.add("at most " + lostMax + " records were lost in crashes, as the log itself says");
            }
            return List.copyOf(notes);
        }
    }

    /** Which, where and why: {@code number} counts from 1 within the log. */
    public record BadRecord(Path file, long line, long number, String problem) {}

    /** IOException when nothing below is a log, or it cannot be read: an absent record is never a good one. */
    public static Report verify(Path fileOrFolder) throws IOException {
        if (Files.isRegularFile(fileOrFolder)) {
            ChainReader.Result file = ChainReader.read(fileOrFolder, ChainReader.Start.ANY);
            Path folder = Optional.ofNullable(fileOrFolder.toAbsolutePath().getParent())
                    .orElse(fileOrFolder);
            return new Report(
                    List.of(new LogReport(
                            folder,
                            file.streamId(),
                            1,
                            file.records(),
                            file.head(),
                            Math.max(file.first(), 1),
                            file.skipped())),
                    file.records(),
                    file.bad());
        }
        List<LogReport> logs = new ArrayList<>();
        Optional<BadRecord> bad = Optional.empty();
        long records = 0;
        for (Path folder : AuditReader.logFolders(fileOrFolder)) {
            LogOutcome outcome = verifyLog(folder);
            logs.add(outcome.report());
            records += outcome.report().records();
            bad = bad.or(outcome::bad);
        }
        return new Report(List.copyOf(logs), records, bad);
    }

    private record LogOutcome(LogReport report, Optional<BadRecord> bad) {}

    /** The files of one log are one chain: numbers without a gap, each header continuing the file before. */
    private static LogOutcome verifyLog(Path folder) throws IOException {
        List<Path> files = LogFolder.files(folder);
        Walk walk = new Walk(folder, files.size());
        for (Path file : files) {
            Optional<BadRecord> bad = walk.next(file, file.equals(files.getLast()));
            if (bad.isPresent()) {
                return new LogOutcome(walk.report(), bad);
            }
        }
        return new LogOutcome(walk.report(), Optional.empty());
    }

    /** From one file of a log to the next. */
    private static final class Walk {
        private final Path folder;
        private final int files;
        private ChainReader.Start start = new ChainReader.Start(Optional.of(HashChain.GENESIS), 0);
        private int fileNumber = 1;
        private String streamId = "";
        private long first;
        private long lostMax;
        private long records;
        private String head = HashChain.GENESIS;

        Walk(Path folder, int files) {
            this.folder = folder;
            this.files = files;
        }

        Optional<BadRecord> next(Path file, boolean last) throws IOException {
            if (first == 0 && LogFolder.number(file) > fileNumber && beginsLater(file)) {
                fileNumber = LogFolder.number(file);
            }
            if (LogFolder.number(file) != fileNumber) {
                return Optional.of(new BadRecord(
                        file,
                        1,
                        Math.max(start.number(), 0) + 1,
                        "file " + LogFolder.file(folder, fileNumber).getFileName() + " is missing before it"));
            }
            fileNumber++;
            ChainReader.Result result = read(file, last);
            if (last && result.lines() == 0 && result.writtenBytes() == 0 && first > 0) {
                return Optional.empty(); // It has its name, and its header comes next.
            }
            streamId = streamId.isEmpty() ? result.streamId() : streamId;
            first = first == 0 ? result.first() : first;
            lostMax += result.skipped();
            records += result.records();
            head = result.head();
            start = new ChainReader.Start(Optional.of(head), result.number());
            if (result.bad().isEmpty() && !result.streamId().equals(streamId)) {
                return Optional.of(new BadRecord(file, 1, result.first(), "of another stream than the file before"));
            }
            return result.bad();
        }

        /** Whether what was before this file has been received by a collector, by the word of the folder. */
        private boolean beginsLater(Path file) throws IOException {
            ChainReader.Result header = ChainReader.read(file, ChainReader.Start.ANY);
            boolean received = header.first() > 1
                    && DurableNumber.read(folder.resolve(LogFolder.RECEIVED)).orElse(0) >= header.first() - 1;
            if (received) {
                start = ChainReader.Start.ANY;
            }
            return received;
        }

        /** A log that is being written has a last line that is not whole: it is another one when it is looked at again. */
        private ChainReader.Result read(Path file, boolean last) throws IOException {
            ChainReader.Result result = ChainReader.read(file, start);
            for (int again = 0; last && result.badIsTorn() && again < READINGS_MAX; again++) {
                ChainReader.Result now = ChainReader.read(file, start);
                if (now.bad().isPresent() && now.goodBytes() == result.goodBytes()) {
                    return now;
                }
                result = now;
            }
            return result;
        }

        LogReport report() {
            return new LogReport(folder, streamId, files, records, head, Math.max(first, 1), lostMax);
        }
    }
}
