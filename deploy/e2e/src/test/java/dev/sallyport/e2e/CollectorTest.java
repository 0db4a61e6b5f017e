package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The record's copy and the spans at a real OpenTelemetry Collector, as it writes them down: all of them, and whoever is killed, none is missing. */
class CollectorTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int REQUESTS = 50;

    @RegisterExtension
    final PeerLogs logs = new PeerLogs();

    @TempDir
    Path folder;

    @Test
    void copyIsTheLogRecordByRecord() throws Exception {
        try (OtelCollector collector = collector();
                CopiedMesh mesh = mesh(collector)) {
            mesh.requests(REQUESTS);
            mesh.awaitLog(0, REQUESTS + 1);
            awaitCopy(collector, mesh);
            assertThat(collector.logRecords())
                    .filteredOn(record ->
                            record.attribute("sallyport.authz.decision").equals("deny")
                                    && record.attribute("sallyport.direction").equals("inbound"))
                    .singleElement()
                    .satisfies(denied -> {
                        assertThat(denied.service()).isEqualTo("back");
                        assertThat(denied.attribute("sallyport.authz.reason")).isNotEmpty();
                        assertThat(denied.attribute("audit.actor.id")).isEqualTo("spiffe://small.example/sa/front");
                    });
        }
    }

    @Test
    void whoeverIsKilledWhileAllIsQuietNoRecordIsMissingAndNoneIsThereTwice() throws Exception {
        try (OtelCollector collector = collector();
                CopiedMesh mesh = mesh(collector)) {
            mesh.requests(REQUESTS);
            mesh.awaitLog(0, REQUESTS + 1);
            awaitCopy(collector, mesh);

            collector.kill();
            int before = mesh.requestsInLog();
            mesh.requests(REQUESTS); // nobody takes these yet
            mesh.awaitLog(before, REQUESTS + 1);
            collector.start();
            awaitCopy(collector, mesh);

            mesh.killControlPlane();
            mesh.requests(REQUESTS); // sidecars keep these
            mesh.startControlPlane();
            mesh.awaitLog(before, 2 * (REQUESTS + 1));
            awaitCopy(collector, mesh);
        }
    }

    /** An answer that a killed one did not hear is asked for again: then a record comes twice, under one name. */
    @Test
    void whoeverIsKilledUnderLoadNoRecordIsMissing() throws Exception {
        try (OtelCollector collector = collector();
                CopiedMesh mesh = mesh(collector)) {
            try (Traffic traffic = Traffic.to(mesh.address() + "1")) {
                awaitMore(traffic);
                collector.kill();
                awaitMore(traffic);
                collector.start();
                awaitMore(traffic);
                mesh.killControlPlane();
                awaitMore(traffic);
                mesh.startControlPlane();
                awaitMore(traffic);
                collector.kill();
                collector.start();
                assertThat(traffic.finish()).isEmpty();
                mesh.awaitLog(0, traffic.answered());
            }
            await().atMost(DEADLINE).untilAsserted(() -> {
                Map<String, Long> copied = collector.logRecords().stream()
                        .collect(Collectors.groupingBy(CollectorTest::hash, Collectors.counting()));
                assertThat(copied.keySet())
                        .containsExactlyInAnyOrderElementsOf(
                                mesh.log().stream().map(CopiedMesh::hash).toList());
                // Once for each kill, at most.
                assertThat(copied.values()).allMatch(times -> times <= 4);
            });
        }
    }

    @Test
    void spansArrive() throws Exception {
        try (OtelCollector collector = collector()) {
            Path settings = Files.writeString(
                    folder.resolve("traces.yaml"), "traces: {endpoint: \"" + collector.endpoint() + "\", ratio: 0}\n");
            try (Chain chain = Chain.start(folder, "--config", settings.toString())) {
                chain.relay("traceparent", Map.of());
                String trace = "0af7651916cd43dd8448eb211c80319c";
                String[] bearer = {"authorization", "Bearer " + chain.tokenOf("alice")};
                String own = chain.get("/things/7", bearer)
                        .expect(200)
                        .json()
                        .findValue("traceparent")
                        .path(0)
                        .asText();
                assertThat(own).endsWith("-00");
                chain.get("/things/7", bearer[0], bearer[1], "traceparent", "00-" + trace + "-b7ad6b7169203331-01")
                        .expect(200);
                await().atMost(DEADLINE)
                        .untilAsserted(() -> assertThat(collector.spans(trace)).hasSize(8));
                assertThat(collector.spans(own.substring(3, 35))).isEmpty();
            }
        }
    }

    private OtelCollector collector() throws Exception {
        OtelCollector collector = OtelCollector.start(folder.resolve("collector"));
        logs.add(collector::log);
        return collector;
    }

    private CopiedMesh mesh(OtelCollector collector) throws Exception {
        CopiedMesh mesh = CopiedMesh.start(
                folder, "{kind: otlp, url: \"" + collector.endpoint() + "\", privateAddresses: [127.0.0.0/8]}");
        logs.add(mesh::controlPlaneLog);
        return mesh;
    }

    /** Until each entry of the log is there once, and nothing else. */
    private static void awaitCopy(OtelCollector collector, CopiedMesh mesh) {
        await().atMost(DEADLINE).untilAsserted(() -> {
            List<String> copied =
                    collector.logRecords().stream().map(CollectorTest::hash).toList();
            List<String> log = mesh.log().stream().map(CopiedMesh::hash).toList();
            Map<String, Long> twice =
                    copied.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
            assertThat(twice.values()).as("copies of one record").allMatch(times -> times == 1);
            assertThat(copied).containsExactlyInAnyOrderElementsOf(log);
        });
    }

    private static String hash(OtelCollector.LogRecord record) {
        return record.attribute("sallyport.audit.entry.hash.sha256");
    }

    private static void awaitMore(Traffic traffic) {
        int before = traffic.answered();
        await().atMost(DEADLINE).until(() -> traffic.answered() > before + 20);
    }
}
