package dev.sallyport.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.Revocations;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.access.Taps;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.ship.Shipped;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.testing.CountedRequests;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.testing.TestSidecar;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminPagesTest {
    private static final String TOKEN = "f".repeat(64);

    @TempDir
    private Path folder;

    private final Transport transport = Transport.open("test", 1);
    private final AtomicInteger drains = new AtomicInteger();
    private final Connections connections = new Connections();
    private final ProxyMetrics metrics = new ProxyMetrics();
    private final Taps taps = new Taps(metrics.access(), System::nanoTime);
    private TestMesh mesh;
    private FakeControlPlane controlPlane;
    private TestSidecar sidecar;
    private AuditLog audit;
    private PageServer admin;
    private PageServer scraped;

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
        controlPlane.publish(mesh.signed(mesh.snapshot(5)));
        sidecar = TestSidecar.joining(
                        folder,
                        mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN))
                .start();
        await().until(() -> sidecar.revision() == 5);
        audit = AuditLog.open(
                sidecar.state.audit(),
                AuditLog.Settings.of("orders/test").withSegmentBytes(1 << 20),
                Clock.systemUTC());
        Observed observed = new Observed(
                "orders",
                "0.1.0",
                sidecar.snapshots,
                sidecar.member,
                connections,
                metrics,
                audit,
                Optional.of(new Shipped()),
                Clock.systemUTC());
        HostPort free = new HostPort("127.0.0.1", 0);
        admin = PageServer.bind(
                transport,
                free,
                new AdminPages(
                        observed,
                        json -> json.writeStringField("service", "orders"),
                        TOKEN,
                        taps,
                        drains::incrementAndGet));
        scraped = PageServer.bind(transport, free, new MetricsPages(observed, false));
    }

    @AfterEach
    void stop() throws Exception {
        audit.close();
        sidecar.close();
        controlPlane.close();
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
    }

    private String get(String path) throws IOException {
        return PagesTest.get(admin.address(), path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1:15000", "[::1]:15000", "LOCALHOST:1", "127.9.9.9"})
    void hostOfThisMachineIsAnswered(String host) throws IOException {
        assertThat(PagesTest.ask(
                        admin.address(), "GET /server_info HTTP/1.1\nHost: " + host + "\nConnection: close\n\n"))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example\n",
                "Host: 127.0.0.1.evil.example\n",
                "Host: localhost.evil.example:15000\n",
                "Host: 10.0.0.1\n",
                "Host: \n",
                "Host: [::1\n",
                "Host: localhost\nHost: localhost\n",
                ""
            })
    void foreignHostIsRefused(String host) throws IOException {
        assertThat(PagesTest.ask(admin.address(), "GET /config_dump HTTP/1.1\n" + host + "Connection: close\n\n"))
                .doesNotStartWith("HTTP/1.1 200")
                .doesNotContain("snapshot");
    }

    @Test
    void drainNeedsTheTokenAndAPost() throws IOException {
        String post = "POST /drain HTTP/1.1\nHost: localhost\nContent-Length: 0\nConnection: close\n";
        assertThat(get("/drain")).startsWith("HTTP/1.1 405");
        assertThat(PagesTest.ask(admin.address(), post + "\n")).startsWith("HTTP/1.1 403");
        assertThat(PagesTest.ask(admin.address(), post + AdminPages.TOKEN_HEADER + ": " + "e".repeat(64) + "\n\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(drains).hasValue(0);
        assertThat(PagesTest.ask(admin.address(), post + AdminPages.TOKEN_HEADER + ": " + TOKEN + "\n\n"))
                .startsWith("HTTP/1.1 202");
        assertThat(drains).hasValue(1);
    }

    @Test
    void pagesShowWhatIsInForce() throws IOException {
        assertThat(get("/certs"))
                .contains(
                        mesh.id("orders").toString(),
                        sidecar.member.svid().serial(),
                        "\"bundles\":[{\"trustDomain\":\"shop.example\"");
        assertThat(get("/config_dump")).contains("\"revision\":5", "\"inForce\":true", "\"documents\":{");
        new CountedRequests(metrics, Connections.Direction.INBOUND).ended(Reason.NO_ROUTE);
        assertThat(get("/stats")).contains("\"no_route\":1");
        Connections.Open open = connections.opened(
                Connections.Direction.OUTBOUND, mesh.id("payment"), "0a", "0b", Instant.parse("2030-01-01T00:00:00Z"));
        assertThat(get("/connections"))
                .contains(
                        "\"direction\":\"outbound\"",
                        "\"ownSerial\":\"0a\"",
                        "\"peerSerial\":\"0b\"",
                        "\"openedAt\":\"2030-01-01T00:00:00Z\"");
        connections.closed(open);
        assertThat(get("/connections")).contains("\"connections\":[]");
    }

    @Test
    void ownRevocationShows() throws IOException {
        assertThat(get("/certs")).contains("\"revoked\":false");
        Revocations ours = new Revocations(Set.of(sidecar.member.svid().serial()), Set.of());
        controlPlane.publish(mesh.signed(mesh.revoking(6, ours)));
        await().until(() -> sidecar.revision() == 6);
        assertThat(get("/certs")).contains("\"revoked\":true");
        assertThat(PagesTest.get(scraped.address(), "/metrics")).contains("sallyport_certificate_revoked 1.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/certs", "/config_dump", "/stats", "/server_info", "/connections", "/logging"})
    void noPageHoldsASecret(String path) throws Exception {
        String key = java.nio.file.Files.readString(sidecar.state.identity().resolve("svid.key"));
        assertThat(get(path) + PagesTest.get(scraped.address(), "/metrics"))
                .startsWith("HTTP/1.1 200")
                .doesNotContain(
                        "PRIVATE",
                        "eyJ",
                        TestMesh.TOKEN,
                        TOKEN,
                        key.lines().toList().get(1));
    }

    @Test
    void metricsHaveTheirDocumentedNames() throws IOException {
        new CountedRequests(metrics, Connections.Direction.INBOUND).ended(Reason.ALLOWED);
        metrics.connections().ended(End.REVOKED);
        assertThat(PagesTest.get(scraped.address(), "/metrics"))
                .contains(
                        "sallyport_authz_decisions_total{decision=\"allow\",mode=\"enforce\",reason=\"allowed\"} 1.0",
                        "sallyport_tls_handshakes_total{direction=\"outbound\",result=\"success\"} 0.0",
                        "sallyport_certificate_expiration_timestamp_seconds{",
                        "sallyport_certificate_revoked 0.0",
                        "sallyport_connections_ended_total{reason=\"revoked\"} 1.0",
                        "sallyport_connections_ended_total{reason=\"untrusted\"} 0.0",
                        "sallyport_certificate_rotations_total{result=\"success\"} 0.0",
                        "sallyport_config_revision_info{",
                        "sallyport_snapshot_age_seconds ",
                        "sallyport_audit_records_total ",
                        "sallyport_audit_dropped_total 0.0",
                        "sallyport_opa_answers_total{answer=\"error\"} 0.0",
                        "sallyport_opa_unavailable 0.0",
                        "sallyport_build_info{version=\"0.1.0\"} 1",
                        "jvm_memory_used_bytes");
        assertThat(PagesTest.get(scraped.address(), "/stats/prometheus")).startsWith("HTTP/1.1 200");
        assertThat(PagesTest.get(scraped.address(), "/other")).startsWith("HTTP/1.1 404");
    }
}
