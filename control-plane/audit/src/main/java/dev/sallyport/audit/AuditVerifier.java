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
 * record of a log that ended well is an {@code end} record. Memory is bounded by one line. A log that is being written may show its last line as cut.
 */
public final class AuditVerifier {
    private AuditVerifier() {}

    /** {@code records}: requests and refused connections; an intent is not another one. {@code bad}: the first record that does not hold. */
    public record Report(List<LogReport> logs, long records, Optional<BadRecord> bad) {}

    /** One log (folder). {@code head}: the last hash, hex. */
    public record LogReport(Path folder, String streamId, int files, long records, String head) {}

    /** Which, where and why: {@code number} counts from 1 within the log. */
    public record BadRecord(Path file, long line, long number, String problem) {}

    /** IOException when nothing below is a log, or it cannot be read: an absent record is never a good one. */
    public static Report verify(Path fileOrFolder) throws IOException {
        if (Files.isRegularFile(fileOrFolder)) {
            ChainReader.Result file = ChainReader.read(fileOrFolder, ChainReader.Start.ANY);
            Path folder = Optional.ofNullable(fileOrFolder.toAbsolutePath().getParent())
                    .orElse(fileOrFolder);
            return new Report(
                    List.of(new LogReport(folder, file.streamId(), 1, file.records(), file.head())),
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
        String streamId = "";
        String head = HashChain.GENESIS;
        long number = 0;
        long records = 0;
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            if (!file.equals(LogFolder.file(folder, i + 1))) {
                BadRecord missing = new BadRecord(
                        file,
                        1,
                        number + 1,
                        "file " + LogFolder.file(folder, i + 1).getFileName() + " is missing before it");
                return new LogOutcome(
                        new LogReport(folder, streamId, files.size(), records, head), Optional.of(missing));
            }
            ChainReader.Result result = ChainReader.read(file, new ChainReader.Start(Optional.of(head), number));
            streamId = streamId.isEmpty() ? result.streamId() : streamId;
            records += result.records();
            head = result.head();
            number = result.number();
            if (result.bad().isPresent()) {
                return new LogOutcome(new LogReport(folder, streamId, files.size(), records, head), result.bad());
            }
        }
        return new LogOutcome(new LogReport(folder, streamId, files.size(), records, head), Optional.empty());
    }
}
