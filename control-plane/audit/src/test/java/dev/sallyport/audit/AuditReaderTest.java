package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditReaderTest {
    @TempDir
    Path top;

    @Test
    void recordIsFoundByItsIdInWhicheverLogItIs() throws Exception {
        Logs.write(top.resolve("web/audit"), 3);
        Path folder = top.resolve("orders/audit");
        AuditRecord record = Logs.record("/wanted");
        record.userRoles = List.of("a", "b");
        record.revision = 12;
        try (AuditLog log = Logs.open(folder)) {
            log.on(Runnable::run).append(record, AuditLog.Mode.BUFFERED, outcome -> {});
        }
        assertThat(AuditReader.find(top, record.id)).hasValueSatisfying(found -> {
            assertThat(found.file()).isEqualTo(Logs.file(folder, 1));
            assertThat(found.line()).isEqualTo(2);
            assertThat(found.fields())
                    .containsEntry(AuditFields.PATH, "/wanted")
                    .containsEntry(AuditFields.USER_ROLES, List.of("a", "b"))
                    .containsEntry(AuditFields.REVISION, 12L);
        });
        assertThat(AuditReader.find(top, "01ARYZ6S410000000000000000")).isEmpty();
    }

    @Test
    void endOfARequestSaysMoreThanItsIntent() throws Exception {
        AuditRecord whole = Logs.record("/whole");
        AuditRecord cut = Logs.record("/cut");
        try (AuditLog log = Logs.open(top)) {
            AuditLog.Appender appender = log.on(Runnable::run);
            for (AuditRecord record : List.of(whole, cut)) {
                record.phase = AuditRecord.Phase.INTENT;
                appender.append(record, AuditLog.Mode.REQUIRED, outcome -> {});
            }
            whole.phase = AuditRecord.Phase.OUTCOME;
            whole.status = 200;
            appender.append(whole, AuditLog.Mode.BUFFERED, outcome -> {});
        }
        assertThat(AuditReader.find(top, whole.id)).hasValueSatisfying(found -> {
            assertThat(found.intent()).isFalse();
            assertThat(found.fields()).containsEntry(AuditFields.STATUS, 200L);
        });
        assertThat(AuditReader.find(top, cut.id))
                .hasValueSatisfying(found -> assertThat(found.intent()).isTrue());
        assertThat(AuditVerifier.verify(top)).satisfies(report -> {
            assertThat(report.bad()).isEmpty();
            assertThat(report.records()).as("requests that ended").isEqualTo(1);
        });
    }

    @Test
    void lineThatIsBeingWrittenIsLeftOut() throws Exception {
        Path folder = Logs.write(top, 2);
        Files.writeString(Logs.file(folder, 1), "{\"EventName\":\"sally", StandardOpenOption.APPEND);
        assertThat(Logs.paths(folder)).containsExactly("/0", "/1");
    }

    @Test
    void lineThatIsNoRecordIsNamed() throws Exception {
        Path folder = Logs.write(top, 2);
        Files.writeString(Logs.file(folder, 1), "secret\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Logs.paths(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(Logs.file(folder, 1) + ":5: not a record")
                .hasMessageNotContaining("secret");
    }
}
