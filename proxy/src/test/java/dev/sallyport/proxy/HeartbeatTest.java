package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.testing.CountedRequests;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeartbeatTest {
    private final ProxyMetrics metrics = new ProxyMetrics();
    private final Snapshots snapshots = new Snapshots(Clock.systemUTC());
    private final SvidPublisher publisher = new SvidPublisher();
    private final Heartbeat heartbeat = new Heartbeat(metrics, snapshots, publisher.source());

    @Test
    void everyRequestIsCountedOnceWhateverItsReason() {
        for (Direction direction : Direction.values()) {
            CountedRequests requests = new CountedRequests(metrics, direction);
            for (Reason reason : Reason.values()) {
                requests.ended(reason);
            }
        }
        Map<String, Object> said = heartbeat.get();
        long sum = Arrays.asList(AuditFields.ALLOWED, AuditFields.DENIED, AuditFields.ERRORS).stream()
                .mapToLong(field -> (Long) said.get(field))
                .sum();
        assertThat(sum).isEqualTo(2L * Reason.values().length);
        assertThat(said).containsEntry(AuditFields.ALLOWED, 2L);
        assertThat((Long) said.get(AuditFields.ERRORS)).isBetween(2L, sum / 2);
    }

    @Test
    void whatRunsIsSaidAsSoonAsItIsKnown(@TempDir Path folder) throws Exception {
        assertThat(heartbeat.get()).doesNotContainKeys(AuditFields.REVISION, AuditFields.OWN_SERIAL);
        TestMesh mesh = TestMesh.open(folder);
        snapshots.swap(mesh.snapshot("orders", Duration.ofHours(1)));
        publisher.publishBundles(java.util.List.of(mesh.authority.trustBundle()));
        publisher.publish(mesh.svid(TestMesh.pathOf("orders")));
        assertThat(heartbeat.get())
                .containsEntry(AuditFields.REVISION, 1L)
                .containsEntry(
                        AuditFields.POLICY_DIGEST,
                        snapshots.latest().orElseThrow().snapshot().policy().digest())
                .containsEntry(
                        AuditFields.OWN_SERIAL,
                        publisher.source().svid().orElseThrow().serial())
                .allSatisfy((name, value) -> assertThat(value).isInstanceOfAny(String.class, Long.class));
    }
}
