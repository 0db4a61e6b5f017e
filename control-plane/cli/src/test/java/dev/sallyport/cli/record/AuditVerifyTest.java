package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Direction;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.SidecarState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditVerifyTest {
    @TempDir
    private Path folder;

    private SidecarState payment;

    @BeforeEach
    void threeRecordsOfTraffic() throws IOException {
        payment = new SidecarState(folder.resolve("payment"), "payment");
        payment.record(
                new AuditRecord("A", SidecarState.NOW, Direction.INBOUND),
                new AuditRecord("B", SidecarState.NOW, Direction.OUTBOUND),
                new AuditRecord("C", SidecarState.NOW, Direction.CONNECTION));
    }

    @Test
    void wholeLogHoldsAndTheLogsOwnRecordsAreNotCountedAsTraffic() {
        Ran ran = sallyport("audit", "verify", folder, "--expect", "3").held();
        assertThat(ran.out()).contains("√ every chain holds: 3 requests and refused connections in 1 log");

        Ran json = sallyport("audit", "verify", folder, "-o", "json").held();
        assertThat(json.json().path("holds").asBoolean()).isTrue();
        assertThat(json.json().path("records").asLong()).isEqualTo(3);
    }

    @Test
    void anotherCountThanExpectedFails() {
        sallyport("audit", "verify", folder, "--expect", "4")
                .refused(6, "3 requests and refused connections", "expected: 4");
    }

    @Test
    void intentOfARequestIsNotAnotherRequest() throws IOException {
        AuditRecord record = new AuditRecord("D", SidecarState.NOW, Direction.INBOUND);
        record.phase = AuditRecord.Phase.INTENT;
        payment.record(record);
        sallyport("audit", "verify", folder, "--expect", "3").held();
        record.phase = AuditRecord.Phase.OUTCOME;
        payment.record(record);
        sallyport("audit", "verify", folder, "--expect", "4").held();
    }

    @Test
    void flippedByteNamesItsRecord() throws IOException {
        Path log = log();
        String text = Files.readString(log);
        Files.writeString(log, text.replace("\"audit.record.id\":\"B\"", "\"audit.record.id\":\"X\""));

        Ran ran = sallyport("audit", "verify", folder);

        ran.refused(6, log + ":", ": record ");
        assertThat(ran.out()).contains("×", "does not hold");
        Ran json = sallyport("audit", "verify", log, "-o", "json");
        assertThat(json.exit()).isEqualTo(6);
        assertThat(json.json().path("holds").asBoolean()).isFalse();
        long line = text.lines()
                        .toList()
                        .indexOf(text.lines()
                                .filter(l -> l.contains("\"B\""))
                                .findFirst()
                                .orElseThrow())
                + 1L;
        assertThat(json.json().at("/bad/line").asLong()).isEqualTo(line);
    }

    @Test
    void fileCutInTheMiddleIsNamed() throws IOException {
        byte[] bytes = Files.readAllBytes(log());
        Files.write(log(), Arrays.copyOf(bytes, bytes.length - 20));

        sallyport("audit", "verify", folder).refused(6, log().getFileName().toString());
    }

    @Test
    void folderWithoutALogIsNoProof() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        sallyport("audit", "verify", empty).refused(1, "no audit log");
        sallyport("audit", "verify", folder.resolve("nowhere")).refused(1, "nowhere", "expected");
    }

    private Path log() throws IOException {
        try (var files = Files.list(payment.folder.resolve("audit"))) {
            return files.filter(file -> file.toString().endsWith(".audit.jsonl"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
