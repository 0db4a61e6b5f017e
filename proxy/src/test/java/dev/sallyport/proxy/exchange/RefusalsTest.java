package dev.sallyport.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Refusals refusals = new Refusals(2);
    private final List<AuditRecord> log = new ArrayList<>();
    private long now = -5 * SECOND;
    private int ids;

    private AuditRecord refuse(String source, String reason) {
        AuditRecord record = new AuditRecord(Integer.toString(ids++), Instant.EPOCH, AuditRecord.Direction.CONNECTION);
        record.peerAddress = source + ":" + (1024 + ids);
        record.reason = reason;
        if (refusals.takes(record, now)) {
            log.add(record);
        }
        return record;
    }

    private void report() {
        refusals.report(now, log::add);
    }

    @Test
    void upToTheRateEachIsOnRecordAndBeyondItTheLatestStandsForAll() {
        AuditRecord last = refuse("10.0.0.1", "missing");
        for (int i = 0; i < 99; i++) {
            last = refuse("10.0.0.1", "missing");
        }
        assertThat(log).as("ten seconds' worth").hasSize(20);
        now += 61 * SECOND;
        report();
        assertThat(log).hasSize(21).last().isSameAs(last);
        assertThat(last.repeats).isEqualTo(79);
        assertThat(log.stream().mapToLong(record -> 1 + record.repeats).sum()).isEqualTo(100);
    }

    @Test
    void afterAWhileEachIsOnRecordAgain() {
        for (int i = 0; i < 100; i++) {
            refuse("10.0.0.1", "missing");
        }
        now += 61 * SECOND;
        report();
        log.clear();
        refuse("10.0.0.1", "missing");
        assertThat(log).hasSize(1);
        report();
        now += 61 * SECOND;
        report();
        assertThat(log).hasSize(1);
    }

    @Test
    void otherSourcesAndOtherReasonsHaveQuotasOfTheirOwn() {
        for (int i = 0; i < 100; i++) {
            refuse("10.0.0.1", "missing");
        }
        log.clear();
        refuse("10.0.0.2", "missing");
        refuse("10.0.0.1", "expired");
        assertThat(log).hasSize(2);
    }

    @Test
    void anotherPortIsNoOtherSource() {
        for (int i = 0; i < 30; i++) {
            refuse("[fe80::1]", "missing");
        }
        assertThat(log).hasSize(20);
    }

    @Test
    void strangersFromEverywhereShareOneQuotaWhenTheTableIsFull() {
        for (int i = 0; i < Refusals.SOURCES_MAX + 1000; i++) {
            refuse("10.0." + i / 256 + "." + i % 256, "missing");
        }
        assertThat(log).hasSize(Refusals.SOURCES_MAX + 20);
        refusals.end(log::add);
        assertThat(log.stream().mapToLong(record -> 1 + record.repeats).sum())
                .as("not one is lost")
                .isEqualTo(Refusals.SOURCES_MAX + 1000);
    }

    @Test
    void nothingIsReportedBeforeItsMinuteButAllAtTheEnd() {
        for (int i = 0; i < 21; i++) {
            refuse("10.0.0.1", "missing");
        }
        now += 59 * SECOND;
        report();
        assertThat(log).hasSize(20);
        refusals.end(log::add);
        assertThat(log).hasSize(21);
        refusals.end(log::add);
        assertThat(log).hasSize(21);
    }

    @Test
    void whatIsKeptIsSmall() {
        for (int i = 0; i < 20; i++) {
            refuse("10.0.0.1", "missing");
        }
        AuditRecord large = new AuditRecord("x", Instant.EPOCH, AuditRecord.Direction.INBOUND);
        large.peerAddress = "10.0.0.1:1";
        large.reason = "missing";
        large.inputs = new TreeMap<>();
        assertThat(refusals.takes(large, now)).isFalse();
        assertThat(large.inputs).isNull();
    }
}
