package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.X509Svid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** This sidecar speaks HTTP/1.1: a port that is declared as something else is no place for it, on either side. */
@Timeout(30)
class PortKindTest {
    private static TestMesh mesh;
    private static TestApplication application;
    private static TestSidecar web;
    private static TestSidecar orders;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = TestMesh.open(folder);
        mesh.documents = TestMesh.DOCUMENTS.replace(
                "sa/orders\", ports: {8080: http}", "sa/orders\", ports: {8080: http, 9090: grpc, 5432: tcp}");
        application = new TestApplication();
        orders = TestSidecar.start(mesh, "orders", application.address());
        web = TestSidecar.start(mesh, "web", application.address());
        mesh.endpoint("orders", orders.inbound());
        orders.learn();
        web.learn();
    }

    @AfterAll
    static void stop() {
        web.close();
        orders.close();
        application.close();
    }

    @BeforeEach
    void forget() {
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.dataPath.active() == 0 && web.dataPath.active() == 0);
        application.seen.clear();
        web.records.clear();
        orders.records.clear();
    }

    private static AuditRecord record(TestSidecar sidecar) {
        await().atMost(Duration.ofSeconds(5)).until(() -> !sidecar.records.isEmpty());
        assertThat(sidecar.records).hasSize(1);
        return sidecar.records.getFirst();
    }

    @ParameterizedTest
    @CsvSource({"8080, 200, allowed", "9090, 421, misdirected", "5432, 421, misdirected", "81, 421, misdirected"})
    void connectionMustNameAPortThatIsDeclaredHttp(int port, int status, String reason) throws Exception {
        X509Svid caller = mesh.svid("/ns/edge/sa/web");
        String answer = RawClient.tls(
                        orders.inbound(),
                        Optional.of(caller),
                        mesh.authority.trustBundle(),
                        port + ".orders.shop.example")
                .ask("GET /open/1 HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(record(orders).reason).isEqualTo(reason);
        assertThat(application.seen).hasSize(status == 200 ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({"8080, 200, allowed", "9090, 421, misdirected", "5432, 421, misdirected", "81, 502, upstream_unknown"})
    void requestGoesToNoPortOfAnotherKind(int port, int status, String reason) throws Exception {
        String answer = RawClient.plain(web.outbound())
                .ask("GET /open/1 HTTP/1.1\r\nHost: orders:" + port + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(record(web).reason).isEqualTo(reason);
        if (status == 200) {
            record(orders); // A moment after its answer.
        }
        assertThat(orders.records).hasSize(status == 200 ? 1 : 0);
    }
}
