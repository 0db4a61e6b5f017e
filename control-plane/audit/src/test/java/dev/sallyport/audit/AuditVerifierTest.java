package dev.sallyport.audit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditVerifierTest {
    /** Neighbouring digits and letters, upper and lower case, out of ASCII. */
    private static final int[] BITS = {0x01, 0x20, 0x80};

    @TempDir
    Path top;

    private Path folder;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        folder = Logs.write(top.resolve("orders/audit"), 4);
        file = Logs.file(folder, 1);
    }

    @Test
    void goodLogHolds() throws Exception {
        AuditVerifier.Report report = AuditVerifier.verify(top);
        assertThat(report.bad()).isEmpty();
        assertThat(report.records()).isEqualTo(4);
        String last = Logs.lines(file).getLast();
        String stream = report.logs().getFirst().streamId();
        assertThat(stream).matches(Pattern.quote(Logs.STREAM) + "/[0-9a-f]{16}");
        assertThat(report.logs())
                .containsExactly(new AuditVerifier.LogReport(
                        folder, stream, 1, 4, last.substring(last.length() - 66, last.length() - 2), 1, 0));
        assertThat(report.logs().getFirst().notes()).isEmpty();
    }

    /** Every byte counts, without exception: the record's, its number's, both hashes', the punctuation between them, and each line feed. */
    @Test
    void everyFlippedByteIsFound() throws Exception {
        file = Logs.file(Logs.write(top.resolve("small"), 1), 1);
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            int bit = BITS[at % BITS.length];
            byte[] bad = good.clone();
            bad[at] ^= (byte) bit;
            Files.write(file, bad);
            assertThat(AuditVerifier.verify(file).bad())
                    .as("byte %d, bit %x", at, bit)
                    .isPresent();
        }
    }

    @Test
    void firstBadRecordIsNamed() throws Exception {
        Files.writeString(file, Files.readString(file).replace("\"/1\"", "\"/x\""));
        assertThat(AuditVerifier.verify(top).bad()).hasValueSatisfying(bad -> {
            assertThat(bad.file()).isEqualTo(file);
            assertThat(bad.line()).isEqualTo(3);
            assertThat(bad.number()).isEqualTo(3);
            assertThat(bad.problem()).startsWith("hash");
        });
    }

    @Test
    void deletedSwappedAndDoubledRecordsAreFound() throws Exception {
        assertFound(lines -> lines.remove(2), 3, "previous hash");
        assertFound(lines -> Collections.swap(lines, 2, 3), 3, "previous hash");
        assertFound(lines -> lines.add(3, lines.get(2)), 4, "previous hash");
        assertFound(lines -> lines.remove(0), 1, "previous hash");
        assertFound(List::clear, 1, "empty");
    }

    @Test
    void recordsOfAnotherLogAreFound() throws Exception {
        List<String> other = Logs.lines(Logs.file(Logs.write(top.resolve("other"), 4), 1));
        assertFound(lines -> lines.set(2, other.get(2)), 3, "previous hash");
    }

    @Test
    void recordCutInTheMiddleIsFound() throws Exception {
        byte[] good = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(good, good.length - 1));
        assertThat(AuditVerifier.verify(folder).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).startsWith("cut in the middle"));
    }

    @Test
    void whatIsNoRecordIsFound() throws Exception {
        assertFound(lines -> lines.add(2, "{}"), 3, "does not end with its hash");
        String suffix = Logs.lines(file).get(1).replaceAll(".*(,\"audit.sequence.hash\".*)", "$1");
        assertFound(lines -> lines.set(2, "not json" + suffix), 3, "not JSON");
        assertFound(lines -> lines.set(2, "{\"a\":1,\"a\":2" + suffix), 3, "not JSON");
        assertFound(lines -> lines.set(2, "x".repeat(100_000) + suffix), 3, "longer than");
    }

    /** The honest limit: a chain does not know that more should follow. */
    @Test
    void tailCutBetweenRecordsIsNotSeenButTheEndRecordIsMissing() throws Exception {
        List<String> lines = Logs.lines(file);
        Files.writeString(file, String.join("\n", lines.subList(0, 3)) + "\n");
        assertThat(AuditVerifier.verify(folder).bad()).isEmpty();
        assertThat(Logs.phase(folder, "end")).isEmpty();
    }

    @Test
    void missingFileIsFoundAndAFileAloneHolds() throws Exception {
        Logs.write(folder, 2);
        Logs.write(folder, 2);
        assertThat(AuditVerifier.verify(Logs.file(folder, 2)).bad()).isEmpty();
        assertThat(AuditVerifier.verify(Logs.file(folder, 2)).records()).isEqualTo(2);
        Path second = Logs.file(folder, 2);
        byte[] bytes = Files.readAllBytes(second);
        Files.delete(second);
        assertThat(AuditVerifier.verify(folder).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains("00000002.audit.jsonl is missing"));
        Files.write(second, bytes);
        Files.delete(file);
        assertThat(AuditVerifier.verify(folder).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains("00000001.audit.jsonl is missing"));
    }

    @Test
    void filesInAnotherOrderAreFound() throws Exception {
        Logs.write(folder, 2);
        Logs.write(folder, 2);
        byte[] second = Files.readAllBytes(Logs.file(folder, 2));
        Files.write(Logs.file(folder, 2), Files.readAllBytes(Logs.file(folder, 3)));
        Files.write(Logs.file(folder, 3), second);
        assertThat(AuditVerifier.verify(folder).bad()).hasValueSatisfying(bad -> {
            assertThat(bad.file()).isEqualTo(Logs.file(folder, 2));
            assertThat(bad.problem()).startsWith("previous hash");
        });
    }

    @Test
    void everyLogOfATreeIsVerified() throws Exception {
        Path payment = Logs.write(top.resolve("payment/state/audit"), 2);
        AuditVerifier.Report report = AuditVerifier.verify(top);
        assertThat(report.logs()).extracting(AuditVerifier.LogReport::folder).containsExactly(folder, payment);
        assertThat(report.records()).isEqualTo(6);
        Path bad = Logs.file(payment, 1);
        Files.writeString(bad, Files.readString(bad).replace("GET", "PUT"));
        AuditVerifier.Report again = AuditVerifier.verify(top);
        assertThat(again.bad()).map(AuditVerifier.BadRecord::file).contains(bad);
        assertThat(again.logs()).hasSize(2);
    }

    @Test
    void nothingToVerifyIsAnError() throws Exception {
        Path empty = Files.createDirectory(top.resolve("empty"));
        assertThatThrownBy(() -> AuditVerifier.verify(empty))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no audit log below " + empty);
        assertThatThrownBy(() -> AuditVerifier.verify(top.resolve("absent"))).isInstanceOf(IOException.class);
    }

    /** A log that is not looked at must not pass for one that holds. */
    @Test
    void folderTooDeepIsRefusedAndTheDeepestAllowedIsVerified() throws Exception {
        Path deepest = top;
        for (int depth = 1; depth < AuditReader.DEPTH_MAX; depth++) {
            deepest = deepest.resolve("d" + depth);
        }
        Logs.write(deepest, 1);
        assertThat(AuditVerifier.verify(top).records()).isEqualTo(4 + 1);
        Path tooDeep = deepest.resolve("d" + AuditReader.DEPTH_MAX);
        Logs.write(tooDeep, 1);
        assertThatThrownBy(() -> AuditVerifier.verify(top))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(tooDeep + ": a folder too deep");
    }

    private void assertFound(Consumer<List<String>> change, long line, String problem) throws IOException {
        byte[] good = Files.readAllBytes(file);
        List<String> lines = new ArrayList<>(Files.readAllLines(file, ISO_8859_1));
        change.accept(lines);
        Files.writeString(file, lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
        assertThat(AuditVerifier.verify(folder).bad()).hasValueSatisfying(bad -> {
            assertThat(bad.line()).isEqualTo(line);
            assertThat(bad.problem()).startsWith(problem);
        });
        Files.write(file, good);
    }
}
