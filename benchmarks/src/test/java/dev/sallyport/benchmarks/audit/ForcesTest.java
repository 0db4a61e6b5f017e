package dev.sallyport.benchmarks.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.benchmarks.load.EventLoop;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ForcesTest {
    @TempDir
    Path top;

    @Test
    void waitersOfALogAndThePlainLoopAreBothMeasured() throws Exception {
        Duration measured = Duration.ofMillis(300);
        AuditLog.Settings settings = AuditLog.Settings.of("orders/bench").withSegmentBytes(1 << 20);
        try (EventLoop loop = new EventLoop();
                AuditLog log = AuditLog.open(top.resolve("log"), settings, Clock.systemUTC())) {
            Forces forces = WaitersLoop.run(log, loop, 4, Duration.ofMillis(50), measured);
            assertThat(forces.records()).isPositive().isLessThanOrEqualTo(log.recordsWritten());
            assertThat(forces.perSecond()).isPositive();
        }
        Forces device = DeviceLoop.run(top, 4, 1000, Duration.ofMillis(50), measured);
        assertThat(device.records()).isPositive().isEqualTo(4 * device.micros().getTotalCount());
        assertThat(top.resolve("device")).doesNotExist();
    }

    @Test
    void logThatHoldsIsVerifiedAtSomeRate() throws Exception {
        Path folder = Verification.write(top.resolve("log"), 2000);
        assertThat(Verification.perSecond(folder)).isPositive();
    }

    @Test
    void fioIsReadWhereItSaysSomething() throws Exception {
        String said = "{\"write\":{\"iops\":1000.5},\"sync\":{\"lat_ns\":{\"percentile\":{\"50.000000\":90000}}}}";
        assertThat(Fio.read(new ObjectMapper().readTree(said), 16)).contains(new Fio.Said(16_008, 90));
        assertThat(Fio.read(new ObjectMapper().readTree("{}"), 16)).isEmpty();
    }
}
