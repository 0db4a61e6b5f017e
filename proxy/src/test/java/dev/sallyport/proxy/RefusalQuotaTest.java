package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is refused can fill a log no faster than the quota, and nobody who is admitted goes without a record for it. */
@Timeout(60)
class RefusalQuotaTest {
    private static final int MANY = 300;

    @TempDir
    private Path folder;

    private Hop hop;

    @BeforeEach
    void start() throws Exception {
        hop = Hop.open(folder, Map.of("refusalsPerSecond", 1));
    }

    @AfterEach
    void stop() {
        hop.close();
    }

    private List<AuditRecord> ofReason(String reason) {
        return hop.orders.records.stream()
                .filter(record -> reason.equals(record.reason))
                .toList();
    }

    private static long counted(List<AuditRecord> records) {
        return records.stream().mapToLong(record -> 1 + record.repeats).sum();
    }

    @Test
    void floodOfDenialsIsCountedToTheLastAndAdmittedRequestsAreAllOnRecord() throws Exception {
        try (RawClient client = hop.inbound()) {
            for (int i = 0; i < MANY; i++) {
                client.send(Door.head("GET /admin")).until("}");
                client.send(Door.head("GET /open/1")).until("\r\n\r\n");
            }
        }
        await().atMost(Hop.SOON).until(() -> ofReason("allowed").size() == MANY);
        assertThat(ofReason("caller_not_allowed")).hasSizeBetween(10, 50);
        hop.orders.dataPath.close();
        assertThat(counted(ofReason("caller_not_allowed"))).isEqualTo(MANY);
        assertThat(ofReason("allowed"))
                .allSatisfy(record -> assertThat(record.repeats).isZero());
    }

    @Test
    void anotherCallersDenialIsOnRecordByItself() throws Exception {
        try (RawClient client = hop.inbound()) {
            for (int i = 0; i < MANY; i++) {
                client.send(Door.head("GET /admin")).until("}");
            }
        }
        hop.orders.records.clear();
        try (RawClient other =
                RawClient.tls(hop.orders.inbound(), hop.context("payment"), "8080.orders.shop.example")) {
            other.send(Door.head("GET /open/1")).until("}");
        }
        await().atMost(Hop.SOON)
                .until(() -> hop.orders.records.stream()
                        .anyMatch(record -> String.valueOf(record.callerId).endsWith("/payment")));
    }

    @Test
    void strangersWithoutACertificateAreCountedByWhereTheyComeFrom() {
        for (int i = 0; i < MANY; i++) {
            try (RawClient stranger = RawClient.tls(
                    hop.orders.inbound(),
                    Optional.empty(),
                    hop.mesh.authority.trustBundle(),
                    "8080.orders.shop.example")) {
                stranger.handshake().send("GET / HTTP/1.1\r\n\r\n").rest();
            } catch (Exception refused) {
                assertThat(refused).isInstanceOf(IOException.class);
            }
        }
        await().atMost(Hop.SOON).until(() -> hop.orders.metrics.refusedConnections() == MANY);
        hop.orders.settle();
        hop.orders.dataPath.close();
        List<AuditRecord> refused = ofReason("certificate_missing");
        assertThat(refused).hasSizeBetween(10, 60);
        assertThat(counted(refused)).isEqualTo(MANY);
    }
}
