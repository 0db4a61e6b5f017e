package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.telemetry.Connections;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** web → its sidecar ═mTLS═ sidecar of orders → orders. */
@Timeout(30)
class OneHopTest {
    private static TestMesh mesh;
    private static TestApplication application;
    private static TestSidecar web;
    private static TestSidecar orders;
    private static HttpClient client;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = TestMesh.open(folder);
        application = new TestApplication();
        orders = TestSidecar.start(mesh, "orders", application.address());
        web = TestSidecar.start(mesh, "web", application.address());
        mesh.endpoint("orders", orders.inbound());
        orders.learn();
        web.learn();
        client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        web.close();
        orders.close();
        application.close();
    }

    @BeforeEach
    void forget() {
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.dataPath.active() == 0 && web.dataPath.active() == 0);
        mesh.endpoints.remove("payment");
        application.seen.clear();
        web.records.clear();
        orders.records.clear();
    }

    private static HttpRequest.Builder to(String target) {
        return HttpRequest.newBuilder(URI.create("http://" + web.upstream("orders") + target))
                .timeout(Duration.ofSeconds(10));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static AuditRecord record(TestSidecar sidecar) {
        await().atMost(Duration.ofSeconds(5)).until(() -> !sidecar.records.isEmpty());
        assertThat(sidecar.records).hasSize(1);
        return sidecar.records.getFirst();
    }

    @Test
    void allowedRequestReachesTheApplicationWithTheProvenCaller() throws Exception {
        HttpResponse<String> response = send(to("/open/7?x=1").POST(BodyPublishers.ofString("hello")));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("hello");
        assertThat(response.headers().firstValue("x-echo")).contains("yes");
        assertThat(application.last().target()).isEqualTo("/open/7?x=1");
        assertThat(application.last().headers().getFirst("x-forwarded-client-cert"))
                .contains("By=spiffe://shop.example/ns/shop/sa/orders;Hash=")
                .contains(";Subject=\"\";URI=spiffe://shop.example/ns/edge/sa/web");
        AuditRecord inbound = record(orders);
        assertThat(inbound.verdict).isEqualTo(Verdict.ALLOW);
        assertThat(inbound.reason).isEqualTo("allowed");
        assertThat(inbound.rule).isEqualTo("orders/open/web");
        assertThat(inbound.callerId).isEqualTo("spiffe://shop.example/ns/edge/sa/web");
        assertThat(inbound.peerSerial).isEqualTo(web.serial());
        assertThat(inbound.tlsVersion).isEqualTo("TLSv1.3");
        assertThat(inbound.template).isEqualTo("/open/{id}");
        assertThat(inbound.path).startsWith("/open/k1-").hasSize("/open/k1-".length() + 16);
        assertThat(inbound.status).isEqualTo(200);
        assertThat(inbound.requestBytes).isEqualTo(5);
        assertThat(inbound.responseBytes).isEqualTo(5);
        assertThat(inbound.revision).isPositive();
        AuditRecord outbound = record(web);
        assertThat(outbound.verdict).isEqualTo(Verdict.ALLOW);
        assertThat(outbound.upstreamId).isEqualTo("spiffe://shop.example/ns/shop/sa/orders");
        assertThat(outbound.upstreamService).isEqualTo("orders");
        assertThat(outbound.traceId).isEqualTo(inbound.traceId).hasSize(32);
    }

    @Test
    void deniedRequestSaysOnlyItsDecisionIdAndTheRecordSaysWhy() throws Exception {
        HttpResponse<String> response = send(to("/internal"));
        assertThat(response.statusCode()).isEqualTo(403);
        AuditRecord inbound = record(orders);
        assertThat(inbound.verdict).isEqualTo(Verdict.DENY);
        assertThat(inbound.reason).isEqualTo("caller_not_allowed");
        assertThat(inbound.nearestRule).isEqualTo("orders/internal/payment");
        assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(response.body())
                .isEqualTo("{\"title\":\"Forbidden\",\"status\":403,\"decisionId\":\"" + inbound.id + "\"}");
        assertThat(response.headers().firstValue("x-sallyport-decision-id")).contains(inbound.id);
        assertThat(application.seen).isEmpty();
        assertThat(record(web).status).isEqualTo(403);
        assertThat(record(web).verdict).isEqualTo(Verdict.ALLOW);
    }

    @Test
    void userOfAGoodTokenIsNamedAndTheTokenStaysHereUnlessTheRuleForwardsIt() throws Exception {
        String token = mesh.token("alice", "finance", "a,b");
        assertThat(send(to("/mine/1").header("authorization", "Bearer " + token))
                        .statusCode())
                .isEqualTo(200);
        assertThat(application.last().headers().getFirst("x-sallyport-user")).isEqualTo("alice");
        assertThat(application.last().headers().getFirst("x-sallyport-issuer")).isEqualTo("shop");
        assertThat(application.last().headers().getFirst("x-sallyport-roles")).isEqualTo("finance,a%2Cb");
        assertThat(application.last().headers().getFirst("authorization")).isNull();
        AuditRecord inbound = record(orders);
        assertThat(inbound.tokenResult).isEqualTo("verified");
        assertThat(inbound.tokenKeyId).isEqualTo("one");
        assertThat(inbound.userIssuer).isEqualTo("shop");
        assertThat(inbound.userHash).startsWith("k1-").doesNotContain("alice");

        assertThat(send(to("/token").header("authorization", "Bearer " + token)).statusCode())
                .isEqualTo(200);
        assertThat(application.last().headers().getFirst("authorization")).isEqualTo("Bearer " + token);

        assertThat(send(to("/open/1").header("authorization", "Bearer " + token))
                        .statusCode())
                .isEqualTo(200);
        assertThat(application.last().headers().getFirst("authorization"))
                .as("verified by no rule")
                .isNull();
        assertThat(application.last().headers().getFirst("x-sallyport-user")).isNull();
    }

    @Test
    void fourBadTokensHaveFourReasons() throws Exception {
        ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        String none = Base64URL.encode("{\"alg\":\"none\"}") + "."
                + mesh.token("alice").split("\\.", 3)[1] + ".";
        Map<String, String> authorizations = new LinkedHashMap<>();
        authorizations.put("token_missing", "");
        authorizations.put(
                "token_expired", "Bearer " + TestMesh.token(mesh.issuerKey, "alice", Duration.ofMinutes(-5)));
        authorizations.put("token_signature", "Bearer " + TestMesh.token(stranger, "alice", Duration.ofMinutes(5)));
        authorizations.put("token_invalid", "Bearer " + none);
        for (Map.Entry<String, String> each : authorizations.entrySet()) {
            forget();
            HttpRequest.Builder request = to("/mine/1");
            HttpResponse<String> response =
                    send(each.getValue().isEmpty() ? request : request.header("authorization", each.getValue()));
            assertThat(response.statusCode()).as(each.getKey()).isEqualTo(401);
            assertThat(response.headers().firstValue("www-authenticate").orElse(""))
                    .startsWith("Bearer realm=\"mesh\"");
            assertThat(record(orders).reason).isEqualTo(each.getKey());
        }
        assertThat(application.seen).isEmpty();
    }

    @Test
    void roleThatIsMissingIsForbidden() throws Exception {
        assertThat(send(to("/refunds")
                                .header("authorization", "Bearer " + mesh.token("alice", "customer"))
                                .POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
        assertThat(record(orders).reason).isEqualTo("role_missing");
        assertThat(send(to("/refunds")
                                .header("authorization", "Bearer " + mesh.token("alice", "finance"))
                                .POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void pathThatTwoParsersCouldReadDifferentlyIsRefusedAtTheFirstSidecar() throws Exception {
        assertThat(send(to("/open/%2e%2e")).statusCode()).isEqualTo(400);
        assertThat(record(web).reason).isEqualTo("path_rejected");
        assertThat(orders.records).isEmpty();
    }

    @Test
    void headerThatWouldOverrideWhatWasJudgedIsRefused() throws Exception {
        assertThat(send(to("/open/1").header("X-HTTP-Method-Override", "DELETE"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(record(web).reason).isEqualTo("path_rejected");
    }

    @Test
    void headAndNoContentHaveNoBodyAndKeepTheConnection() throws Exception {
        application.answer = exchange ->
                exchange.sendResponseHeaders(exchange.getRequestMethod().equals("PUT") ? 204 : 200, -1);
        try {
            for (int i = 0; i < 3; i++) {
                assertThat(send(to("/open/1").HEAD()).statusCode()).isEqualTo(200);
                HttpResponse<String> noContent = send(to("/open/1").PUT(BodyPublishers.ofString("x")));
                assertThat(noContent.statusCode()).isEqualTo(204);
                assertThat(noContent.body()).isEmpty();
            }
        } finally {
            application.answer = TestApplication.ECHO;
        }
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(orders.records).hasSize(6);
            assertThat(web.records).hasSize(6);
        });
    }

    @Test
    void responseCannotCarryOurHeaders() throws Exception {
        application.answer = exchange -> {
            exchange.getResponseHeaders().set("X-Sallyport-Decision-Id", "forged");
            exchange.getResponseHeaders().set("x_sallyport_user", "forged");
            exchange.getResponseHeaders().set("X-Forwarded-Client-Cert", "forged");
            exchange.getResponseHeaders().set("X-Kept", "yes");
            exchange.sendResponseHeaders(200, -1);
        };
        try {
            HttpResponse<String> response = send(to("/open/1"));
            assertThat(response.headers().map().toString()).doesNotContain("forged");
            assertThat(response.headers().firstValue("x-kept")).contains("yes");
        } finally {
            application.answer = TestApplication.ECHO;
        }
    }

    @Test
    void requestIdAndTraceAreMadeWhenAbsentAndKeptWhenWellFormed() throws Exception {
        send(to("/open/1")
                .header("x-request-id", "abc-1")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        assertThat(application.last().headers().getFirst("x-request-id")).isEqualTo("abc-1");
        assertThat(application.last().headers().getFirst("traceparent"))
                .isEqualTo("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assertThat(record(orders).traceId).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        send(to("/open/1")
                .header("x-request-id", "a b")
                .header("traceparent", "00-" + "0".repeat(32) + "-b7ad6b7169203331-01"));
        assertThat(application.last().headers().getFirst("x-request-id")).hasSize(32);
        assertThat(application.last().headers().getFirst("traceparent"))
                .hasSize(55)
                .doesNotContain("0".repeat(32));
    }

    @Test
    void withoutAValidSnapshotNothingPasses() throws Exception {
        try {
            orders.learn(Duration.ofSeconds(-1));
            assertThat(send(to("/open/1")).statusCode()).isEqualTo(503);
            assertThat(record(orders).reason).isEqualTo("policy_unavailable");
            assertThat(application.seen).isEmpty();
        } finally {
            orders.learn();
        }
        assertThat(send(to("/open/1")).statusCode()).isEqualTo(200);
    }

    @Test
    void destinationIsAServiceOfTheMeshAndNothingElse() throws Exception {
        for (String host : List.of("orders", "orders.shop.example", "orders:8080", "ORDERS")) {
            assertThat(RawClient.plain(web.outbound())
                            .ask("GET /open/1 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 200 ");
        }
        assertThat(RawClient.plain(web.outbound())
                        .ask("GET http://orders/open/1 HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
        await().atMost(Duration.ofSeconds(5)).until(() -> web.records.size() == 5);
        for (String host : List.of(
                "localhost",
                "127.0.0.1:80",
                "unknown",
                "orders:9",
                "169.254.169.254",
                "orders.evil.example",
                "[::1]:80")) {
            web.records.clear();
            assertThat(RawClient.plain(web.outbound())
                            .ask("GET /open/1 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 502 ");
            assertThat(record(web).reason).as(host).isEqualTo("upstream_unknown");
        }
    }

    @Test
    void serviceWithoutAnEndpointOrWithADeadOneIsUnavailable() throws Exception {
        web.learn();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + web.upstream("payment") + "/charges"));
        assertThat(send(request).statusCode()).isEqualTo(503);
        assertThat(record(web).reason).isEqualTo("upstream_unavailable");
        web.records.clear();
        mesh.endpoint("payment", new HostPort("127.0.0.1", 1));
        web.learn();
        assertThat(send(request).statusCode()).isEqualTo(503);
        assertThat(record(web).reason).isEqualTo("upstream_unavailable");
    }

    @Test
    void impostorWithAnothersGoodCertificateGetsNotOneByte() throws Exception {
        mesh.endpoint("payment", orders.inbound());
        web.learn();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + web.upstream("payment") + "/charges"));
        assertThat(send(request).statusCode()).isEqualTo(502);
        AuditRecord outbound = record(web);
        assertThat(outbound.reason).isEqualTo("upstream_identity");
        assertThat(outbound.verdict).isEqualTo(Verdict.DENY);
        assertThat(outbound.detail).contains("sa/orders (expected: spiffe://shop.example/ns/shop/sa/payment)");
        assertThat(orders.records).isEmpty();
    }

    @Test
    void deadEndpointIsRetriedOnAnother() throws Exception {
        mesh.endpoint("orders", new HostPort("127.0.0.1", 1), orders.inbound());
        web.learn();
        try {
            for (int i = 0; i < 20; i++) {
                assertThat(send(to("/open/1").POST(BodyPublishers.ofString("x")))
                                .statusCode())
                        .isEqualTo(200);
            }
        } finally {
            mesh.endpoint("orders", orders.inbound());
            web.learn();
        }
    }

    @Test
    void everyRequestIsOnRecordOnceOnEachSide() throws Exception {
        for (int i = 0; i < 50; i++) {
            send(i % 2 == 0 ? to("/open/" + i) : to("/internal"));
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.records.size() >= 50 && web.records.size() >= 50);
        assertThat(orders.records).hasSize(50).extracting(record -> record.id).doesNotHaveDuplicates();
        assertThat(web.records).hasSize(50);
        assertThat(orders.metrics.active(Connections.Direction.INBOUND)).isZero();
        assertThat(orders.connections.list())
                .isNotEmpty()
                .allMatch(open -> open.ownSerial().equals(orders.serial())
                        && open.peerSerial().equals(web.serial()));
    }
}
