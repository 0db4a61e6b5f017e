package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import dev.sallyport.server.copies.SinkServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails late leaves nothing behind that works on a store that is closed. */
class FailedStartTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final List<String> OURS = List.of("revocation-notices", "own-svid", "copy-", "timer");

    @TempDir
    Path folder;

    private static ServerConfig with(ServerConfig of, HostPort enrolment, AuditSettings audit) {
        return new ServerConfig(
                of.state(),
                of.documents(),
                of.dev(),
                of.trustDomain(),
                of.meshName(),
                of.sidecars(),
                enrolment,
                of.monitoring(),
                of.api(),
                of.advertise(),
                of.keyFile(),
                of.leafLife(),
                of.issuance(),
                of.outageMinimum(),
                of.authority(),
                audit);
    }

    private static List<String> began(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> OURS.stream().anyMatch(name::startsWith))
                .toList();
    }

    @Test
    void portThatIsTakenEndsEveryThreadThatHadBegun() throws Exception {
        TestMesh mesh = TestMesh.withFolder(folder);
        mesh.close();
        Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SinkServer sink = SinkServer.loki()) {
            ServerConfig config = with(
                    mesh.config(),
                    new HostPort("127.0.0.1", taken.getLocalPort()),
                    new AuditSettings(List.of(), 0, List.of(sink.copy("one", Optional.empty()))));
            assertThatThrownBy(() -> ControlPlane.start(config, folder.resolve("config"), mesh.clock))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(String.valueOf(taken.getLocalPort()));
            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(began(before)).isEmpty());
        }
        // And the state folder is free for the next one.
        ControlPlane.start(mesh.config(), folder.resolve("config"), mesh.clock).close();
    }
}
