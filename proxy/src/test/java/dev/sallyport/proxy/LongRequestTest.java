package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.audit.AuditVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A request that lasts is on record before its end: whoever kills the sidecar meanwhile has not been unseen. */
@Timeout(30)
class LongRequestTest {
    @TempDir
    private Path folder;

    private AuditLog log;
    private Hop hop;

    @BeforeEach
    void start() throws Exception {
        hop = Hop.open(folder.resolve("mesh"), Map.of("auditInterval", Duration.ofMillis(200)));
        log = hop.orders.audit.writeTo(folder.resolve("log"));
    }

    @AfterEach
    void stop() throws Exception {
        hop.close();
        log.close();
    }

    private List<Map<String, Object>> ofEvent(String event) {
        List<Map<String, Object>> found = new ArrayList<>();
        try {
            AuditReader.forEach(folder.resolve("log"), record -> {
                if (event.equals(record.fields().get(AuditFields.EVENT_NAME))) {
                    found.add(record.fields());
                }
            });
        } catch (IOException stillWriting) {
            return List.of();
        }
        return found;
    }

    @Test
    void responseThatFlowsForLongIsOnRecordWithItsBytesSoFar() throws Exception {
        CountDownLatch enough = new CountDownLatch(1);
        hop.application.script = visit -> {
            visit.request();
            visit.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (enough.getCount() > 0) {
                visit.send("5\r\nevent\r\n");
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
            visit.send("0\r\n\r\n");
        };
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/1"));
            client.until("event");
            await().atMost(Hop.SOON)
                    .until(() -> ofEvent(AuditFields.EVENT_INTERVAL).size() >= 2);
            enough.countDown();
            client.until("0\r\n\r\n");
        }
        Hop.record(hop.orders);
        await().atMost(Hop.SOON).until(() -> !ofEvent(AuditFields.EVENT_REQUEST).isEmpty());
        List<Map<String, Object>> so = ofEvent(AuditFields.EVENT_INTERVAL);
        Map<String, Object> end = ofEvent(AuditFields.EVENT_REQUEST).getFirst();
        assertThat(so)
                .allSatisfy(interval -> assertThat(interval)
                        .containsEntry(AuditFields.PHASE, "interval")
                        .containsEntry(AuditFields.OUTCOME, "unknown")
                        .containsEntry(AuditFields.ID, end.get(AuditFields.ID))
                        .containsEntry(AuditFields.STATUS, 200L));
        assertThat((Long) so.get(1).get(AuditFields.RESPONSE_BYTES))
                .isGreaterThan((Long) so.get(0).get(AuditFields.RESPONSE_BYTES));
        assertThat(end).containsEntry(AuditFields.PHASE, "outcome").containsEntry(AuditFields.OUTCOME, "success");
        assertThat((Long) end.get(AuditFields.DURATION_MICROS)).isGreaterThan(400_000);
        assertThat(AuditVerifier.verify(folder.resolve("log")).records()).isEqualTo(1);
    }

    @Test
    void neitherAQuickRequestNorAnIdleConnectionHasOne() throws Exception {
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/1")).until("\r\n\r\n");
            await().atMost(Hop.SOON)
                    .until(() -> !ofEvent(AuditFields.EVENT_REQUEST).isEmpty());
            await().pollDelay(Duration.ofMillis(600)).atMost(Hop.SOON).until(() -> true);
        }
        assertThat(ofEvent(AuditFields.EVENT_INTERVAL)).isEmpty();
        assertThat(ofEvent(AuditFields.EVENT_REQUEST).getFirst()).doesNotContainKey(AuditFields.PHASE);
    }
}
