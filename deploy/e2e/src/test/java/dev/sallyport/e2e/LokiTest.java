package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The record's copy in a real Loki: as many lines as the log has entries, and the same ones, also after the control plane was killed. */
class LokiTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int REQUESTS = 50;
    private static final String ALL = "{service=~\".+\"}";

    @RegisterExtension
    final PeerLogs logs = new PeerLogs();

    @TempDir
    Path folder;

    @Test
    void lokiCountsWhatTheLogHas() throws Exception {
        try (Loki loki = Loki.start(folder.resolve("loki"))) {
            logs.add(loki::log);
            try (CopiedMesh mesh = CopiedMesh.start(
                    folder, "{kind: loki, url: \"" + loki.url() + "\", privateAddresses: [127.0.0.0/8]}")) {
                logs.add(mesh::controlPlaneLog);
                mesh.requests(REQUESTS);
                mesh.awaitLog(0, REQUESTS + 1);
                awaitCopy(loki, mesh);
                assertThat(loki.count("{service=\"back\", decision=\"deny\"}")).isEqualTo(1);
                assertThat(loki.lines("{service=\"back\", decision=\"deny\"}"))
                        .singleElement()
                        .satisfies(line -> assertThat(mesh.log()).contains(line));

                int before = mesh.requestsInLog();
                mesh.killControlPlane();
                mesh.requests(REQUESTS);
                mesh.startControlPlane();
                mesh.awaitLog(before, REQUESTS + 1);
                awaitCopy(loki, mesh);
                assertThat(loki.count("{service=\"back\", decision=\"deny\"}")).isEqualTo(2);
            }
        }
    }

    private static void awaitCopy(Loki loki, CopiedMesh mesh) {
        await().atMost(DEADLINE).untilAsserted(() -> {
            List<String> log = mesh.log();
            assertThat(loki.count(ALL)).isEqualTo(log.size());
            assertThat(loki.lines(ALL)).containsExactlyInAnyOrderElementsOf(log);
        });
    }
}
