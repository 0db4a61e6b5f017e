package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.AuditLog.Mode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a log finds that did not end, and what it says of it. */
@Timeout(30)
class CrashTest {
    @TempDir
    Path top;

    private final Logs.Answers answers = new Logs.Answers();

    /** A folder as it is when the process dies after so many records. */
    private Path crashed(int records) throws IOException {
        Path folder = top.resolve("lives");
        try (AuditLog log = Logs.open(folder)) {
            for (int i = 1; i <= records; i++) {
                log.on(Runnable::run).append(Logs.record("/" + i), Mode.REQUIRED, answers);
                answers.await(i);
            }
            return Logs.crashed(folder, top.resolve("crashed"));
        }
    }

    @Test
    void crashIsOnRecordWithWhatItMayHaveCost() throws Exception {
        Path folder = crashed(3);
        long limit = DurableNumber.read(folder.resolve(LogFolder.HIGH_WATER)).orElseThrow();
        assertThat(limit).isBetween(4L, 200L);
        Logs.write(folder, 1);
        Logs.assertHolds(folder);
        long lost = limit - 4; // a header and three records
        Map<String, Object> header = Logs.phase(folder, "header").getLast();
        assertThat(header)
                .containsEntry(AuditFields.NUMBER, limit + 1)
                .containsEntry(AuditFields.SKIPPED_NUMBERS, lost);
        assertThat(Logs.phase(folder, "recovered"))
                .singleElement()
                .satisfies(recovered -> assertThat(recovered)
                        .containsEntry(AuditFields.TORN_BYTES, 0L)
                        .containsEntry(AuditFields.LOST_MAX, lost));
        AuditVerifier.LogReport report = AuditVerifier.verify(folder).logs().getFirst();
        assertThat(report.lostMax()).isEqualTo(lost);
        assertThat(report.notes())
                .containsExactly("at most " + lost + " records were lost in crashes, as the log itself says");
    }

    @Test
    void logThatEndedWellHasNothingToRecover() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 3);
        Logs.write(folder, 1);
        assertThat(Logs.phase(folder, "recovered")).isEmpty();
        assertThat(Logs.phase(folder, "header").getLast())
                .containsEntry(AuditFields.NUMBER, 6L)
                .doesNotContainKey(AuditFields.SKIPPED_NUMBERS);
    }

    /** A record that only the page cache had, or somebody who read along: its number must not come again for another one. */
    @Test
    void numbersThatMayHaveBeenUsedAreNotUsedAgain() throws Exception {
        Path folder = crashed(5);
        Path file = Logs.file(folder, 1);
        Set<Object> seen = numbers(folder);
        List<String> lines = Logs.lines(file);
        // The last three never reached the disk: zeros where they were.
        long kept = lines.subList(0, 3).stream()
                .mapToLong(line -> line.length() + 1)
                .sum();
        zero(file, kept, Logs.SEGMENT);
        Logs.write(folder, 2);
        Logs.assertHolds(folder);
        Set<Object> again = Logs.records(folder).stream()
                .skip(3)
                .map(fields -> fields.get(AuditFields.NUMBER))
                .collect(Collectors.toSet());
        assertThat(again).hasSize(5).doesNotContainAnyElementsOf(seen);
    }

    @Test
    void clockThatIsSetBackChangesNothingButTheTimes() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 2);
        Clock yesterday = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        try (AuditLog log = AuditLog.open(folder, Logs.settings(), yesterday)) {
            assertThat(log.durableNumber()).isEqualTo(5);
        }
        Logs.assertHolds(folder);
        assertThat(Logs.records(folder).stream().map(fields -> (Long) fields.get(AuditFields.NUMBER)))
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void limitThatIsGoneIsTakenForTheHighestThatItCanHaveBeen() throws Exception {
        Path folder = crashed(1);
        Files.write(folder.resolve(LogFolder.HIGH_WATER), new byte[1024]);
        Logs.write(folder, 1);
        assertThat(Logs.phase(folder, "recovered").getFirst()).containsEntry(AuditFields.LOST_MAX, HighWater.UNKNOWN);
        Logs.assertHolds(folder);
    }

    /** Power was lost while a batch was on its way: some of its sectors are there, others are still zeros. */
    @Test
    void batchWithHolesIsTornWhereverTheHoleIs() throws Exception {
        Path lives = crashed(6);
        byte[] whole = Files.readAllBytes(Logs.file(lives, 1));
        List<String> lines = Logs.lines(Logs.file(lives, 1));
        int good =
                lines.subList(0, 3).stream().mapToInt(line -> line.length() + 1).sum();
        int end = lines.stream().mapToInt(line -> line.length() + 1).sum();
        for (int from = good; from < end; from += 97) {
            Path folder = Logs.crashed(lives, top.resolve("hole-" + from));
            int length = Math.min(64, end - from);
            zero(Logs.file(folder, 1), from, from + length);
            Logs.write(folder, 1);
            Logs.assertHolds(folder);
            long before = lineStart(lines, from);
            // A hole at the very end leaves nothing behind the last whole line but a piece of one.
            long torn = (from + length == end ? lastNonZero(whole, from) : end) - before;
            assertThat(Logs.phase(folder, "recovered").getFirst())
                    .as("hole at %d", from)
                    .containsEntry(AuditFields.TORN_BYTES, torn);
            assertThat(Logs.paths(folder).size()).isBetween(2 + 1, 6 + 1);
        }
    }

    /** The twin: whole lines were written whole, so one that is wrong was changed. */
    @Test
    void changedLineOfALiveSegmentIsNoCrash() throws Exception {
        Path folder = crashed(3);
        Path file = Logs.file(folder, 1);
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("\"/3\"");
        write(file, at + 2, new byte[] {'9'});
        assertThatThrownBy(() -> Logs.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + ":4: hash");
        write(file, at + 2, new byte[] {'3'});
        Logs.open(folder).close();
        Logs.assertHolds(folder);
    }

    /** Zeros over what the disk had long ago would otherwise carry everything after them off. */
    @Test
    void holeFarBeforeTheEndIsDamage() throws Exception {
        Path folder = crashed(1);
        Path file = Logs.file(folder, 1);
        write(file, Recovery.TORN_BYTES_MAX + Logs.SEGMENT, new byte[] {'x'});
        assertThatThrownBy(() -> Logs.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + ":3: ");
    }

    @Test
    void segmentThatNeverGotItsHeaderIsNone() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 1);
        Files.write(Logs.file(folder, 2), new byte[Logs.SEGMENT]);
        assertThat(AuditVerifier.verify(folder).bad()).isEmpty();
        Logs.write(folder, 1);
        Logs.assertHolds(folder);
        assertThat(Logs.phase(folder, "header")).hasSize(2);
        assertThat(Logs.phase(folder, "recovered")).isEmpty();
    }

    @Test
    void logThatWasCutBelowAReceiptIsRefused() throws Exception {
        Path folder = crashed(5);
        try (DurableNumber received = DurableNumber.open(folder.resolve(LogFolder.RECEIVED), 0)) {
            received.raise(5);
        }
        Path whole = Logs.crashed(folder, top.resolve("whole"));
        Logs.write(whole, 1);
        Logs.assertHolds(whole);
        List<String> lines = Logs.lines(Logs.file(folder, 1));
        zero(Logs.file(folder, 1), lines.get(0).length() + lines.get(1).length() + 2, Logs.SEGMENT);
        assertThatThrownBy(() -> Logs.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ends with number 2, but a collector has received number 5");
    }

    /** Without a limit of numbers, zeros at its end, or a random word in its stream's name. */
    @Test
    void logOfAnEarlierVersionGoesOn() throws Exception {
        Path folder = Files.createDirectory(top.resolve("log"));
        JsonBuffer lines = new JsonBuffer();
        HashChain chain = new HashChain(HashChain.GENESIS, 0);
        RecordEncoder encoder = new RecordEncoder(lines);
        encoder.encodeOwn(Instant.EPOCH, "header", AuditFields.STREAM_ID, Logs.STREAM);
        chain.seal(lines, 0);
        int end = lines.length();
        encoder.encodeOwn(Instant.EPOCH, "end", AuditFields.RECORDS, 0L);
        chain.seal(lines, end);
        Files.write(Logs.file(folder, 1), lines.copy());
        try (AuditLog log = Logs.open(folder)) {
            assertThat(log.streamId()).isEqualTo(Logs.STREAM);
            assertThat(log.durableNumber()).isEqualTo(3);
        }
        Logs.assertHolds(folder);
    }

    @Test
    void streamOfAnotherNameIsRefused() throws Exception {
        Path folder = Logs.write(top.resolve("log"), 1);
        assertThatThrownBy(() -> AuditLog.open(folder, AuditLog.Settings.of("payment/1"), Clock.systemUTC()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected: one of payment/1");
        Logs.open(folder).close();
    }

    private static Set<Object> numbers(Path folder) throws IOException {
        return Logs.records(folder).stream()
                .map(fields -> fields.get(AuditFields.NUMBER))
                .collect(Collectors.toSet());
    }

    private static long lineStart(List<String> lines, long at) {
        long start = 0;
        for (String line : lines) {
            if (start + line.length() + 1 > at) {
                return start;
            }
            start += line.length() + 1;
        }
        return start;
    }

    private static long lastNonZero(byte[] bytes, int end) {
        int at = end;
        while (bytes[at - 1] == 0) {
            at--;
        }
        return at;
    }

    private static void zero(Path file, long from, long to) throws IOException {
        write(file, from, new byte[(int) (to - from)]);
    }

    private static void write(Path file, long at, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), at);
        }
    }
}
