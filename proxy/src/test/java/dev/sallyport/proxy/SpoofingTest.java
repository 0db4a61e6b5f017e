package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks 35 to 39, byte by byte at every end: only what was proven says who calls, whoever else says it in whatever spelling. */
@Timeout(30)
class SpoofingTest {
    private static final List<String> SPOOFS = List.of(
            "X-Forwarded-Client-Cert: URI=forged",
            "x-forwarded-client-cert: forged",
            "x_forwarded_client_cert: forged",
            "X-Forwarded_Client-CERT:forged",
            "X-Forwarded-Client-Cert:",
            "X-Sallyport-User: forged",
            "X-SALLYPORT-USER:\tforged\t",
            "x_sallyport_roles: forged",
            "x-sallyport-issuer: forged",
            "x-sallyport-: forged",
            "X_Sallyport-Anything: forged",
            "Txn-Token: forged",
            "txn_token: forged",
            "TXN_TOKEN:forged");

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

    private static String[] with(List<String> fields, String... more) {
        return Stream.concat(fields.stream(), Stream.of(more)).toArray(String[]::new);
    }

    /** The names of the head that the application read, in order; lower case. */
    private static List<String> names() {
        String received = hop.application.received();
        return received.substring(0, received.indexOf("\r\n\r\n"))
                .lines()
                .skip(1)
                .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
                .toList();
    }

    private static void assertCallerIsWeb() {
        assertThat(hop.application.received())
                .doesNotContain("forged")
                .containsOnlyOnce("x-forwarded-client-cert: By=spiffe://shop.example/ns/shop/sa/orders;Hash=")
                .containsOnlyOnce(";URI=spiffe://shop.example/ns/edge/sa/web\r\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void claimsOfTheClientNeverArrive(boolean outbound) throws Exception {
        try (RawClient client = outbound ? hop.outbound() : hop.inbound()) {
            client.send(Door.head("POST /open/1", with(SPOOFS, "Transfer-Encoding: chunked", "Trailer: txn-token"))
                            + "1\r\na\r\n0\r\n" + String.join("\r\n", SPOOFS) + "\r\n\r\n")
                    .until("\r\n\r\nok");
        }
        assertCallerIsWeb();
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "host", "transfer-encoding", "x-forwarded-client-cert", "x-request-id", "traceparent");
        assertThat(hop.application.received()).endsWith("\r\n\r\n1\r\na\r\n0\r\n\r\n");
    }

    @Test
    void claimsOfTheLocalApplicationDoNotEvenLeave() throws Exception {
        try (RawApplication peer = RawApplication.tls(hop.context("orders"));
                TestSidecar caller = hop.webTo(peer.address());
                RawClient client = RawClient.plain(caller.upstream("orders"))) {
            client.send(Door.head("POST /open/1", with(SPOOFS, "Transfer-Encoding: chunked", "X-Kept: yes"))
                            + "1\r\na\r\n0\r\n" + String.join("\r\n", SPOOFS) + "\r\n\r\n")
                    .until("\r\n\r\nok");
            assertThat(peer.received())
                    .doesNotContain("forged")
                    .contains("X-Kept: yes\r\n")
                    .endsWith("\r\n\r\n1\r\na\r\n0\r\n\r\n");
            assertThat(peer.received().toLowerCase(Locale.ROOT)).doesNotContain("x-forwarded-client-cert");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: x-forwarded-client-cert, authorization, x-request-id, traceparent",
                "Connection: X-Forwarded-Client-Cert\r\nConnection: Authorization, x_forwarded_client_cert",
                "Connection: close, x-forwarded-client-cert, x-sallyport-user, x-sallyport-issuer",
                "Connection: connection, x-sallyport-user",
                "Connection: host, content-length, cookie, content-type",
                "Connection: ,, x-sallyport-user ,, host ,",
                "Proxy-Connection: x-forwarded-client-cert\r\nKeep-Alive: x-sallyport-user",
            })
    void connectionTakesAwayNothingThatIsProvenOrFrames(String connection) throws Exception {
        String token = hop.mesh.token("alice");
        try (RawClient client = hop.inbound()) {
            client.send(Door.head(
                                    "GET /mine",
                                    connection,
                                    "Authorization: Bearer " + token,
                                    "Content-Length: 5",
                                    "Content-Type: text/plain",
                                    "Cookie: a=b")
                            + "hello")
                    .until("\r\n\r\nok");
        }
        assertCallerIsWeb();
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "host",
                        "authorization",
                        "content-length",
                        "content-type",
                        "cookie",
                        "x-forwarded-client-cert",
                        "x-sallyport-user",
                        "x-sallyport-issuer",
                        "x-request-id",
                        "traceparent");
        assertThat(hop.application.received())
                .contains("x-sallyport-user: alice\r\n", "Authorization: Bearer " + token + "\r\n")
                .endsWith("\r\n\r\nhello");
    }

    static Stream<List<String>> authorizations() throws Exception {
        String good = "Bearer " + hop.mesh.token("alice");
        return Stream.of(
                List.of("Authorization: " + good, "Authorization: " + good),
                List.of("Authorization: " + good, "authorization: Basic YTpi"),
                List.of("Authorization: Basic YTpi", "AUTHORIZATION: " + good),
                List.of("Authorization: " + good + ", " + good),
                List.of("Authorization: " + good + ",Basic YTpi"),
                List.of("Authorization: Basic YTpi"),
                List.of("Authorization:"),
                List.of("Authorization: Bearer"),
                List.of("Proxy-Authorization: " + good),
                List.of("X-Authorization: " + good),
                List.of("X: y"));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("authorizations")
    void tokenComesInOnePlaceOnceOrNotAtAll(List<String> fields) throws Exception {
        String query = "?access_token=" + hop.mesh.token("alice");
        try (RawClient client = hop.inbound()) {
            assertThat(client.send(Door.head("GET /mine" + query, with(fields))).until("}"))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("www-authenticate: Bearer realm=\"mesh\"");
        }
        AuditRecord record = Hop.record(hop.orders);
        assertThat(record.reason).startsWith("token_");
        assertThat(record.path + record.detail).doesNotContain("eyJ");
        assertThat(hop.application.received()).isEmpty();
    }

    @Test
    void tokensThatNobodyVerifiedDoNotArrive() throws Exception {
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/1", "Authorization: Bearer forged", "authorization: Basic forged"))
                    .until("\r\n\r\nok");
        }
        assertThat(hop.application.received()).doesNotContain("forged");
    }

    @Test
    void whoCallsIsWhoConnectedWhateverWasForwardedFor() throws Exception {
        String hops = "10.0.0.1, ".repeat(1000) + "fe80::1%eth0";
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/1", "X-Forwarded-For: " + hops)).until("\r\n\r\nok");
            assertThat(Hop.record(hop.orders).peerAddress)
                    .isEqualTo("127.0.0.1:" + client.socket().getLocalPort());
        }
    }

    // ---- what comes back ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void claimsOfTheApplicationNeverComeBack(boolean outbound) throws Exception {
        String forged = String.join("\r\n", SPOOFS) + "\r\nX-Sallyport-Decision-Id: forged\r\n";
        hop.application.script = visit -> {
            visit.request();
            visit.send("HTTP/1.1 103 Early Hints\r\n" + forged + "X-Kept: 1\r\n\r\n");
            visit.send("HTTP/1.1 200 OK\r\n" + forged
                    + "Connection: x-dropped, transfer-encoding, x-kept-not\r\nX-Dropped: forged\r\nX-Kept: 2\r\n"
                    + "Proxy-Authenticate: forged\r\nTransfer-Encoding: chunked\r\nTrailer: forged\r\n\r\n");
            visit.send("1\r\na\r\n0\r\n" + forged + "X-Kept: 3\r\nSet-Cookie: forged\r\n\r\n");
        };
        String hints = "HTTP/1.1 103 Early Hints\r\nX-Kept: 1\r\n\r\n";
        String head = "HTTP/1.1 200 OK\r\nX-Kept: 2\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (RawClient client = outbound ? hop.outbound() : hop.inbound()) {
            assertThat(client.send(Door.head("GET /open/1")).until("X-Kept: 3\r\n\r\n"))
                    .isEqualTo(hints + head + "1\r\na\r\n0\r\nX-Kept: 3\r\n\r\n");
        }
    }

    // ---- traces ----

    static Stream<List<String>> traces() {
        String good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        return Stream.of(
                List.of("Traceparent: forged"),
                List.of("Traceparent: " + good, "traceparent: " + good.replace('0', '1')),
                List.of("Traceparent: " + good + "-forged"),
                List.of("Traceparent: " + good.toUpperCase(Locale.ROOT)),
                List.of("Traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01"),
                List.of("Traceparent: ff" + good.substring(2)),
                List.of("traceparent: " + "0".repeat(10_000)));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("traces")
    void traceThatIsMalformedBeginsAnew(List<String> fields) throws Exception {
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/1", with(fields, "Tracestate: forged=1", "X-Request-Id: forged\u00ff")))
                    .until("\r\n\r\nok");
        }
        String made = Hop.record(hop.orders).traceId;
        assertThat(hop.application.received())
                .doesNotContain("forged")
                .containsPattern("\r\ntraceparent: 00-" + made + "-[0-9a-f]{16}-01\r\n");
        assertThat(names()).containsOnlyOnce("traceparent").doesNotContain("tracestate");
        assertThat(String.join("", fields)).doesNotContain(made);
    }

    @Test
    void baggageIsBounded() throws Exception {
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/1", "Baggage: a=" + "b".repeat(5000), "baggage: a=" + "b".repeat(5000)))
                    .until("\r\n\r\nok");
            client.send(Door.head("GET /open/1", "Baggage: kept=1")).until("\r\n\r\nok");
        }
        assertThat(hop.application.received()).doesNotContain("bbbb").contains("Baggage: kept=1\r\n");
    }
}
