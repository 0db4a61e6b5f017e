package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog.Mode;
import dev.sallyport.audit.AuditLog.Outcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody else can do to the files of a log that runs: it is noticed before the next answer, on record, and the log goes on. */
@Timeout(60)
class FolderFaultTest {
    @TempDir
    Path top;

    private interface Deed {
        void to(Path file) throws IOException;
    }

    private static Outcome required(AuditLog log, String path) {
        Logs.Answers answers = new Logs.Answers();
        log.on(Runnable::run).append(Logs.record(path), Mode.REQUIRED, answers);
        return answers.await(1).getFirst();
    }

    /** Does it to the live segment; what the log says of it afterwards. */
    private Map<String, Object> faultAfter(Path folder, Deed deed) throws IOException {
        try (AuditLog log = Logs.open(folder)) {
            assertThat(required(log, "/before")).isEqualTo(Outcome.DURABLE);
            deed.to(Logs.file(folder, 1));
            assertThat(required(log, "/lost")).isEqualTo(Outcome.FAILED);
            assertThat(required(log, "/after")).isEqualTo(Outcome.DURABLE);
            assertThat(Files.exists(Logs.file(folder, 2))).isTrue();
        }
        assertThat(AuditVerifier.verify(Logs.file(folder, 2)).bad()).isEmpty();
        List<AuditReader.StoredRecord> records = new java.util.ArrayList<>();
        AuditReader.forEach(Logs.file(folder, 2), records::add);
        assertThat(records.get(0).fields()).containsEntry(AuditFields.NUMBER, 4L);
        return records.get(1).fields();
    }

    @Test
    void deletedSegmentIsNoticed() throws Exception {
        Path folder = top.resolve("log");
        Map<String, Object> fault = faultAfter(folder, Files::delete);
        assertThat(fault)
                .containsEntry(AuditFields.PHASE, "fault")
                .containsEntry(AuditFields.ERROR_TYPE, "segment_gone");
        assertThat((Long) fault.get(AuditFields.UNFORCED_BYTES)).as("all of it").isGreaterThan(1_000);
        assertThat(AuditVerifier.verify(folder).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains("00000001.audit.jsonl is missing"));
    }

    @Test
    void segmentThatIsMovedAsideIsNoticedAndMayComeBack() throws Exception {
        Path folder = top.resolve("log");
        Map<String, Object> fault =
                faultAfter(folder, file -> Files.move(file, file.resolveSibling("00000001.audit.jsonl.1")));
        assertThat(fault).containsEntry(AuditFields.ERROR_TYPE, "segment_gone");
        Files.move(folder.resolve("00000001.audit.jsonl.1"), Logs.file(folder, 1));
        assertThat(Logs.paths(folder)).as("what was moved is whole").containsExactly("/before", "/lost", "/after");
        Logs.assertHolds(folder);
    }

    @Test
    void segmentThatAnotherFileReplacedIsNoticed() throws Exception {
        Map<String, Object> fault = faultAfter(top.resolve("log"), file -> {
            Path copy = Files.copy(file, file.resolveSibling("copy"));
            Files.move(copy, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        });
        assertThat(fault).containsEntry(AuditFields.ERROR_TYPE, "segment_replaced");
    }

    /** As {@code copytruncate} does it. */
    @Test
    void segmentThatIsCopiedAndTruncatedIsNoticed() throws Exception {
        Path folder = top.resolve("log");
        Map<String, Object> fault = faultAfter(folder, file -> {
            Files.copy(file, file.resolveSibling("rotated"));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(0);
            }
        });
        assertThat(fault).containsEntry(AuditFields.ERROR_TYPE, "segment_truncated");
        assertThat(AuditVerifier.verify(folder).bad()).isPresent();
    }

    @Test
    void bufferedRecordsNoticeItWithinASecondOrTwo() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            Files.delete(Logs.file(folder, 1));
            log.on(Runnable::run).append(Logs.record("/a"));
            await().atMost(Duration.ofSeconds(5)).until(() -> Files.exists(Logs.file(folder, 2)));
        }
        assertThat(Logs.phase(folder, "fault")).hasSize(1);
    }

    @Test
    void segmentMadeAheadThatIsDeletedIsMadeAgain() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder, Logs.settings(8_000), DiskStorage::prepare, 1024)) {
            int durable = 0;
            for (int i = 0; i < 40; i++) {
                Files.deleteIfExists(folder.resolve(LogFolder.NEXT));
                durable += required(log, "/" + i) == Outcome.DURABLE ? 1 : 0;
            }
            assertThat(durable).isGreaterThan(30);
        }
        Logs.assertHolds(folder);
    }

    @Test
    void folderThatIsMovedAwayTakesItsStreamAlong() throws Exception {
        Path folder = top.resolve("log");
        Path moved = top.resolve("moved");
        String before;
        String after;
        try (AuditLog log = Logs.open(folder)) {
            before = log.streamId();
            assertThat(required(log, "/before")).isEqualTo(Outcome.DURABLE);
            Shipping lost = log.shipping();
            Files.move(folder, moved);
            assertThatThrownBy(() -> lost.after(0, 1 << 20)).hasMessageContaining("taken away");
            assertThat(required(log, "/lost")).isEqualTo(Outcome.FAILED);
            await().atMost(Duration.ofSeconds(5)).until(() -> required(log, "/after") == Outcome.DURABLE);
            after = log.streamId();
            assertThat(after).isNotEqualTo(before);
            assertThat(log.shipping().streamId()).isEqualTo(after);
            assertThatThrownBy(() -> lost.received(0)).hasMessageContaining("taken away");
        }
        Logs.assertHolds(folder);
        Logs.assertHolds(moved);
        assertThat(Logs.records(folder).getFirst())
                .containsEntry(AuditFields.STREAM_ID, after)
                .containsEntry(AuditFields.NUMBER, 1L);
        assertThat(Logs.phase(folder, "fault"))
                .singleElement()
                .satisfies(fault -> assertThat(fault)
                        .containsEntry(AuditFields.PREVIOUS_STREAM, before)
                        .containsEntry(AuditFields.ERROR_TYPE, "segment_gone"));
        assertThat(Logs.paths(moved)).containsExactly("/before", "/lost");
    }

    /** A copy of it in its place, older or not, would have numbers used twice. */
    @Test
    void folderThatWasReplacedByACopyIsNotWrittenTo() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            assertThat(required(log, "/before")).isEqualTo(Outcome.DURABLE);
            Path copy = Logs.crashed(folder, top.resolve("copy"));
            Files.move(folder, top.resolve("moved"));
            Files.move(copy, folder);
            assertThat(required(log, "/a")).isEqualTo(Outcome.FAILED);
            assertThat(required(log, "/b")).isEqualTo(Outcome.FAILED);
            assertThat(Logs.paths(folder)).containsExactly("/before");
            // Away with it, and there is room for a new stream.
            Files.move(folder, top.resolve("copy again"));
            await().atMost(Duration.ofSeconds(5)).until(() -> required(log, "/after") == Outcome.DURABLE);
        }
        assertThat(Logs.paths(folder)).containsExactly("/after");
    }

    @Test
    void untouchedFolderHasOneStreamAndNoFault() throws Exception {
        Path folder = top.resolve("log");
        try (AuditLog log = Logs.open(folder)) {
            String before = log.streamId();
            assertThat(required(log, "/a")).isEqualTo(Outcome.DURABLE);
            assertThat(log.streamId()).isEqualTo(before);
        }
        assertThat(LogFolder.files(folder)).hasSize(1);
        assertThat(Logs.phase(folder, "fault")).isEmpty();
    }
}
