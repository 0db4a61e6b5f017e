package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.X509Svid;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What each side of a hop has on record of it. */
@Timeout(30)
class RecordFieldsTest {
    private static Hop hop;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.forget();
    }

    private static void call(String requestLine, String... fields) throws Exception {
        try (RawClient client = hop.outbound()) {
            client.send(Door.head(requestLine, fields)).until("\r\n\r\n");
        }
    }

    @Test
    void calledSideKnowsWhoSignedTheCallersCertificateAndHowTheKeysWereAgreedOn() throws Exception {
        call("GET /open/1");
        AuditRecord record = Hop.record(hop.orders);
        X509Svid caller = hop.web.publisher.source().svid().orElseThrow();
        assertThat(record.peerSerial).isEqualTo(caller.serial());
        assertThat(record.peerIssuer)
                .isEqualTo(caller.chain().getFirst().getIssuerX500Principal().getName())
                .isNotEmpty();
        assertThat(Instant.parse(String.valueOf(record.peerNotAfter))).isEqualTo(caller.notAfter());
        assertThat(record.tlsVersion).isEqualTo("TLSv1.3");
        assertThat(record.tlsCurve).isNotEmpty();
        assertThat(record.upstreamSerial).as("the application shows none").isNull();
        assertThat(record.redacted).isNull();
        assertThat(record.level).isNull();
    }

    @Test
    void callersSideKnowsTheCertificateThatItsUpstreamShowed() throws Exception {
        call("GET /open/1");
        AuditRecord record = Hop.record(hop.web);
        assertThat(record.upstreamSerial).isEqualTo(hop.orders.serial());
        assertThat(record.upstreamFingerprint)
                .isEqualTo(X509Svid.fingerprintOf(hop.orders
                        .publisher
                        .source()
                        .svid()
                        .orElseThrow()
                        .chain()
                        .getFirst()));
        assertThat(record.tlsCurve).isEqualTo(curveOfTheOtherSide());
        assertThat(record.peerSerial).as("loopback").isNull();
        assertThat(record.redacted).containsExactly("url.path");
    }

    private static String curveOfTheOtherSide() {
        return String.valueOf(Hop.record(hop.orders).tlsCurve);
    }

    @Test
    void portStandsBesideTheHost() throws Exception {
        try (RawClient client = hop.inbound()) {
            client.send("GET /open/1 HTTP/1.1\r\nHost: orders:8080\r\n\r\n").until("\r\n\r\n");
        }
        AuditRecord record = Hop.record(hop.orders);
        assertThat(record.authority).isEqualTo("orders");
        assertThat(record.authorityPort).isEqualTo(8080);
    }

    @Test
    void onlyTheUnusualVersionIsNamed() throws Exception {
        call("GET /open/1");
        assertThat(Hop.record(hop.web).protocolVersion).isNull();
        hop.forget();
        try (RawClient client = hop.outbound()) {
            client.send("GET /open/1 HTTP/1.0\r\nHost: orders\r\n\r\n").until("\r\n\r\n");
        }
        assertThat(Hop.record(hop.web).protocolVersion).isEqualTo("1.0");
    }

    @Test
    void pathThatMatchedNoTemplateIsSaidToBeLeftOut() throws Exception {
        call("GET /nowhere/alice@example.org");
        AuditRecord record = Hop.record(hop.orders);
        assertThat(record.reason).isEqualTo("no_route");
        assertThat(record.path).isNull();
        assertThat(record.redacted).containsExactly("url.path");
    }

    @Test
    void levelOfTheRouteIsOnRecord() throws Exception {
        call("POST /required", "content-length: 0");
        assertThat(Hop.record(hop.orders).level).isEqualTo("required");
        hop.forget();
        call("GET /overlapped");
        assertThat(Hop.record(hop.orders).level).isEqualTo("overlapped");
    }

    @Test
    void tokenIsOnRecordByItsEndAndAWordForItsId() throws Exception {
        call("GET /mine", "authorization: Bearer " + hop.mesh.token("alice"));
        AuditRecord first = Hop.record(hop.orders);
        assertThat(first.tokenExpiresAt).isAfter(Instant.now());
        assertThat(first.tokenIdHash).as("no jti").isNull();
        hop.forget();
        String token = hop.mesh.tokenWithId("alice", "the-id");
        call("GET /mine", "authorization: Bearer " + token);
        call("GET /mine", "authorization: Bearer " + token);
        await().atMost(Hop.SOON).until(() -> hop.orders.records.size() == 2);
        assertThat(hop.orders.records.getFirst().tokenIdHash)
                .startsWith("k")
                .doesNotContain("the-id")
                .isEqualTo(hop.orders.records.getLast().tokenIdHash);
    }
}
