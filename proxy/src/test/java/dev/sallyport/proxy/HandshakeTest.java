package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.PeopleAuthority;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may open a connection to an inbound sidecar at all. */
@Timeout(30)
class HandshakeTest {
    private static final String SNI = "8080.orders.shop.example";
    private static final String GET = "GET /open/1 HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";

    private static Path folder;
    private static TestMesh mesh;
    private static TestApplication application;
    private static TestSidecar orders;

    @BeforeAll
    static void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        mesh = TestMesh.open(folder);
        application = new TestApplication();
        orders = TestSidecar.start(mesh, "orders", application.address());
        orders.learn();
    }

    @AfterAll
    static void stop() {
        orders.close();
        application.close();
    }

    @BeforeEach
    void forget() {
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.dataPath.active() == 0);
        orders.records.clear();
        application.seen.clear();
    }

    private static AuditRecord record() {
        await().atMost(Duration.ofSeconds(5)).until(() -> !orders.records.isEmpty());
        assertThat(orders.records).hasSize(1);
        return orders.records.getFirst();
    }

    private static String ask(Optional<X509Svid> svid, String serverName) throws Exception {
        return RawClient.tls(orders.inbound(), svid, mesh.authority.trustBundle(), serverName)
                .ask(GET);
    }

    /** With TLS 1.3 a client learns of its refused certificate only when it reads. */
    private static void refused(Optional<X509Svid> svid, String reason) throws Exception {
        try {
            assertThat(ask(svid, SNI)).isEmpty();
        } catch (IOException expected) {
            assertThat(expected).isNotNull();
        }
        AuditRecord record = record();
        assertThat(record.direction).isEqualTo(AuditRecord.Direction.CONNECTION);
        assertThat(record.reason).isEqualTo(reason);
        assertThat(record.peerAddress).startsWith("127.0.0.1:");
        assertThat(application.seen).isEmpty();
    }

    @Test
    void foreignTlsStackWithAGoodCertificateIsServed() throws Exception {
        assertThat(ask(Optional.of(mesh.svid("/ns/edge/sa/web")), SNI)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void noCertificateIsRefusedAndRecorded() throws Exception {
        refused(Optional.empty(), "certificate_missing");
    }

    @Test
    void certificateOfAnotherAuthorityIsRefusedWithItsFingerprint() throws Exception {
        EmbeddedAuthority stranger = TestMesh.authority(folder.resolve("stranger"), mesh.trustDomain);
        X509Svid svid = TestMesh.svid(stranger, mesh.trustDomain.id("/ns/edge/sa/web"));
        refused(Optional.of(svid), "certificate_untrusted");
        assertThat(record().peerFingerprint)
                .isEqualTo(X509Svid.fingerprintOf(svid.chain().getFirst()));
    }

    @Test
    void peoplesCertificateIsNoWorkloads() throws Exception {
        PeopleAuthority people = PeopleAuthority.open(
                folder.resolve("people"), KeyEncryption.fromFile(folder.resolve("people.key")), Clock.systemUTC());
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        var chain = people.issue(CertificateSigningRequest.der(keys), "alice", "admin", Duration.ofHours(1))
                .chain();
        try {
            RawClient.tls(orders.inbound(), chain, keys.getPrivate(), mesh.authority.trustBundle(), SNI)
                    .ask(GET);
        } catch (IOException expected) {
            assertThat(expected).isNotNull();
        }
        assertThat(record().reason).startsWith("certificate_");
        assertThat(application.seen).isEmpty();
    }

    @Test
    void serverNameOfAnotherServiceOrPortIsMisdirected() throws Exception {
        X509Svid web = mesh.svid("/ns/edge/sa/web");
        for (String name :
                List.of("8080.payment.shop.example", "9.orders.shop.example", "orders", "8080.orders.evil.example")) {
            orders.records.clear();
            assertThat(ask(Optional.of(web), name)).as(name).startsWith("HTTP/1.1 421 ");
            assertThat(record().reason).isEqualTo("misdirected");
        }
        assertThat(application.seen).isEmpty();
    }

    @Test
    void plainTextOnTheTlsPortIsNeverHttp() throws Exception {
        try {
            assertThat(RawClient.plain(orders.inbound()).ask(GET)).doesNotContain("HTTP");
        } catch (IOException reset) {
            assertThat(reset).isNotNull();
        }
        assertThat(record().reason).isEqualTo("tls_required");
    }

    @Test
    void silentConnectionIsCountedNotRecorded() throws Exception {
        long before = orders.metrics.silentConnections();
        RawClient.plain(orders.inbound()).close();
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.metrics.silentConnections() > before);
        assertThat(orders.records).isEmpty();
    }

    @Test
    void sessionIsNeverResumed() throws Exception {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/openssl")))
                .as("openssl is installed")
                .isTrue();
        X509Svid web = mesh.svid("/ns/edge/sa/web");
        Path certificate = Files.writeString(folder.resolve("web.pem"), Pem.encode(web.chain()));
        Path chain = Files.writeString(
                folder.resolve("web-chain.pem"),
                Pem.encode(web.chain().subList(1, web.chain().size())));
        Path key = Files.writeString(folder.resolve("web.key"), Pem.encode(web.privateKey()));
        Path session = folder.resolve("session");
        String first = openssl(certificate, chain, key, "-sess_out", session.toString());
        assertThat(first).contains("New, TLSv1.3").contains("HTTP/1.1 200");
        if (Files.exists(session)) {
            assertThat(openssl(certificate, chain, key, "-sess_in", session.toString()))
                    .contains("New, TLSv1.3")
                    .doesNotContain("Reused");
        }
        assertThat(first).doesNotContain("Post-Handshake New Session Ticket arrived");
    }

    private static String openssl(Path certificate, Path chain, Path key, String... more) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(
                "/usr/bin/openssl",
                "s_client",
                "-connect",
                orders.inbound().toString(),
                "-servername",
                SNI,
                "-alpn",
                "http/1.1",
                "-tls1_3",
                "-ign_eof",
                "-cert",
                certificate.toString(),
                "-cert_chain",
                chain.toString(),
                "-key",
                key.toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
