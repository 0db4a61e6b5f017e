package dev.sallyport.cli.drill;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.StubControlPlane;
import dev.sallyport.cli.testing.StubControlPlane.Answer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mesh of one sidecar, whose certificate changes as the control plane's stub is told, and one service that can be made to fail. */
class DrillTest {
    private static final String TOKEN = "Bearer s3cret";

    @TempDir
    private Path folder;

    private StubControlPlane stub;
    private HttpServer service;
    private final AtomicInteger requests = new AtomicInteger();
    private volatile int failFrom = Integer.MAX_VALUE;
    private volatile String serial = "aa01";
    private volatile String decisions = "";

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder)
                .on("GET /v1/sidecars", _ -> new Answer(200, sidecars()))
                .on("GET /v1/status", 200, status())
                .on("POST /v1/drills", 200, "{\"id\":7}")
                .on("POST /v1/certificates/rotate", _ -> {
                    serial = "bb02";
                    return new Answer(200, "{\"requested\":1}");
                });
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            try (exchange) {
                boolean page = exchange.getRequestURI().getPath().equals("/metrics");
                boolean token = TOKEN.equals(exchange.getRequestHeaders().getFirst("authorization"));
                boolean fails = !page && requests.incrementAndGet() >= failFrom;
                byte[] body =
                        (page ? "sallyport_build_info{} 1\n" + decisions : "hello").getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(fails ? 503 : page || token ? 200 : 401, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        service.start();
    }

    @AfterEach
    void stop() {
        service.stop(0);
        stub.close();
    }

    private String address() {
        return "127.0.0.1:" + service.getAddress().getPort();
    }

    private Ran drill(String kind, Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("certs", "drill", kind, "--context", stub.context, "--probe", "http://" + address() + "/ping"));
        words.addAll(List.of("--header", "authorization: " + TOKEN, "--rate", "100"));
        words.addAll(List.of(more));
        return sallyport(words.toArray());
    }

    /** What was put on record. */
    private JsonNode recorded() throws Exception {
        List<StubControlPlane.Request> posts = stub.requests.stream()
                .filter(request ->
                        request.method().equals("POST") && request.path().equals("/v1/drills"))
                .toList();
        assertThat(posts).hasSize(1);
        return new ObjectMapper().readTree(posts.getFirst().body());
    }

    private boolean asked(String method, String path) {
        return stub.requests.stream()
                .anyMatch(request ->
                        request.method().equals(method) && request.path().equals(path));
    }

    @Test
    void rotationUnderTrafficThatNobodyNoticesPasses() throws Exception {
        Ran ran = drill("rotation", "--duration", "500ms").held();
        assertThat(ran.out())
                .contains("drill rotation: passed", " requests at ", "/s, 0 failed, p50 ")
                .contains("1 sidecar asked for new certificates: 0.", "each of them uses its new certificate: 0.")
                .contains(
                        "  before: if the control plane died now, spiffe://shop.example/sa/payment i1 would fail first")
                .contains("  after: if the control plane died now");
        assertThat(ran.err()).contains("on record as drill 7");
        JsonNode recorded = recorded();
        assertThat(recorded.path("kind").asText()).isEqualTo("rotation");
        assertThat(recorded.path("startedAt").asText()).matches("[0-9T:-]{19}Z");
        assertThat(recorded.path("passed").asBoolean()).isTrue();
        assertThat(recorded.path("requests").asInt()).isBetween(20, requests.get());
        assertThat(recorded.path("failed").asInt()).isZero();
        assertThat(recorded.path("p99Micros").asLong()).isPositive();
        assertThat(recorded.path("by").isMissingNode()).isTrue();
        assertThat(ran.out() + ran.err() + recorded).doesNotContain("s3cret");
    }

    @Test
    void oneFailedRequestFailsTheDrillAndIsOnRecord() throws Exception {
        failFrom = 30;
        Ran ran = drill("rotation", "--duration", "5s");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("drill rotation: FAILED", "failed (expected: none)");
        assertThat(recorded().path("passed").asBoolean()).isFalse();
        assertThat(recorded().path("failed").asInt()).isPositive();
    }

    @Test
    void rotationThatDoesNotComeToItsEndFailsTheDrill() throws Exception {
        stub.on("POST /v1/certificates/rotate", 200, "{\"requested\":1}");
        Ran ran = drill("rotation", "--duration", "200ms", "--timeout", "300ms");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("drill rotation: FAILED", "rotation: not everywhere", "payment i1: still certificate aa01")
                .contains("0 failed");
        assertThat(recorded().path("passed").asBoolean()).isFalse();
        assertThat(recorded().path("detail").asText()).contains("still certificate aa01");
    }

    @Test
    void withoutTrafficThereIsNoDrill() {
        sallyport("certs", "drill", "rotation", "--context", stub.context).refused(2, "no traffic to watch", "--probe");
        sallyport("certs", "drill", "rotation", "--context", stub.context, "--probe", "ftp://x/")
                .refused(2, "ftp://x/", "http://HOST:PORT/PATH");
        assertThat(stub.requests).isEmpty();
    }

    @Test
    void aProbeThatFailsBeforehandIsNoProbe() {
        sallyport("certs", "drill", "rotation", "--context", stub.context, "--probe", "http://" + address() + "/ping")
                .refused(1, "status 401", "before a drill as well");
        sallyport("certs", "drill", "rotation", "--context", stub.context, "--metrics", "127.0.0.1:1")
                .refused(1, "metrics: 127.0.0.1:1");
        assertThat(asked("POST", "/v1/certificates/rotate")).isFalse();
        assertThat(asked("POST", "/v1/drills")).isFalse();
    }

    @Test
    void anEmptyMeshShowsNothing() throws Exception {
        stub.on("GET /v1/sidecars", 200, "{\"sidecars\":[]}");
        Ran ran = drill("rotation", "--duration", "100ms");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("none is connected");
        assertThat(asked("POST", "/v1/certificates/rotate")).isFalse();
    }

    private void outage(boolean somebodySigns) {
        stub.on("POST /v1/drills/outage", 200, "{\"endsAt\":\"2027-03-31T12:00:00Z\"}")
                .on("POST /v1/certificates/rotate", _ -> {
                    serial = somebodySigns ? "bb02" : "aa01";
                    return new Answer(200, "{\"requested\":1}");
                })
                .on("DELETE /v1/drills/outage", _ -> {
                    serial = "cc03";
                    return new Answer(204, "");
                });
    }

    @Test
    void outageInWhichNobodyGetsACertificateAndAfterWhichEverybodyDoesPasses() throws Exception {
        outage(false);
        Ran ran = drill("authority-outage", "--duration", "1s").held();
        assertThat(ran.out())
                .contains("drill authority-outage: passed")
                .containsPattern(
                        "the authority signed nothing, and each of 1 sidecar wanted a new certificate: 1\\.\\d\\d s")
                .contains("each of them has its new certificate after the end: 0.");
        assertThat(stub.requests).anyMatch(request -> request.body().equals("{\"seconds\":1}"));
        assertThat(recorded().path("kind").asText()).isEqualTo("authority-outage");
    }

    @Test
    void outageInWhichSomebodyGotACertificateWasNone() throws Exception {
        outage(true);
        Ran ran = drill("authority-outage", "--duration", "1s");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("1 sidecar got new certificates (expected: none");
        assertThat(recorded().path("passed").asBoolean()).isFalse();
    }

    @Test
    void whatCannotBePutOnRecordIsSaidNonetheless() {
        stub.on("POST /v1/drills", 500, "{\"title\":\"Internal Server Error\"}");
        Ran ran = drill("rotation", "--duration", "200ms");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("drill rotation: passed");
        assertThat(ran.err()).contains("Internal Server Error");
    }

    @Test
    void outageThatHurtsEndsAtOnce() throws Exception {
        outage(false);
        failFrom = 250; // within the third second, 2 s after its beginning
        Instant began = Instant.now();
        Ran ran = drill("authority-outage", "--duration", "60s");
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(40));
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(asked("DELETE", "/v1/drills/outage")).isTrue();
        assertThat(recorded().path("failed").asInt()).isPositive();
    }

    @Test
    void outageThatTheControlPlaneRefusesIsNotPlayed() throws Exception {
        stub.on("POST /v1/drills/outage", 409, "{\"title\":\"Conflict\",\"detail\":\"payment i1 would fail in 50 s\"}");
        Ran ran = drill("authority-outage", "--duration", "1s");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("payment i1 would fail in 50 s");
        assertThat(asked("POST", "/v1/certificates/rotate")).isFalse();
    }

    private volatile String phase = "";
    private volatile int active = 1;

    /** A rotation of the root that goes on a phase with each look; {@code after}: what follows each. */
    private void authority(Map<String, String> after) {
        stub.on("GET /v1/ca", _ -> {
                    phase = after.getOrDefault(phase, phase);
                    if (phase.equals("re-issue")) {
                        serial = "bb02";
                    }
                    active = phase.equals("done") ? 2 : 1;
                    return new Answer(200, ca());
                })
                .on("POST /v1/ca/rotate", _ -> {
                    phase = "stage";
                    return new Answer(200, ca());
                })
                .on("POST /v1/ca/abort", _ -> {
                    phase = "withdraw";
                    return new Answer(200, ca());
                });
    }

    private String ca() {
        return "{\"active\":" + active + ",\"generations\":[{\"number\":1,\"roots\":[{\"fingerprint\":\"f1\"}]},"
                + "{\"number\":2,\"roots\":[{\"fingerprint\":\"f2\"}]}],\"rotation\":{\"id\":3,\"phase\":\"" + phase
                + "\",\"gate\":{\"total\":1,\"passed\":0,\"missing\":[{\"name\":\"payment/i1\",\"reason\":\"canary refused\"}]}}}";
    }

    @Test
    void rootThatEverybodyFollowsPasses() throws Exception {
        authority(Map.of("stage", "distribute", "distribute", "re-issue", "re-issue", "retire", "retire", "done"));
        Ran ran = drill("root", "--duration", "300ms").held();
        assertThat(ran.out())
                .contains("drill root: passed")
                .containsSubsequence("  stage: 0.", "  distribute: 0.", "  re-issue: 0.", "  retire: 0.");
        assertThat(stub.requests).anyMatch(request -> request.body().equals("{\"subject\":\"root\"}"));
        assertThat(asked("POST", "/v1/ca/abort")).isFalse();
        assertThat(recorded().path("kind").asText()).isEqualTo("root");
    }

    @Test
    void rootThatSomebodyDoesNotFollowIsTakenBack() throws Exception {
        authority(Map.of("stage", "distribute"));
        Ran ran = drill("root", "--duration", "300ms", "--timeout", "1s");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("not done after 1.00 s, at distribute", "payment/i1: canary refused");
        assertThat(ran.err()).contains("the rotation is taken back, now at withdraw");
        assertThat(asked("POST", "/v1/ca/abort")).isTrue();
        assertThat(recorded().path("passed").asBoolean()).isFalse();
    }

    @Test
    void rootUnderWhichARequestFailsIsTakenBackAtOnce() throws Exception {
        authority(Map.of("stage", "distribute"));
        failFrom = 60;
        Ran ran = drill("root", "--duration", "2s", "--timeout", "5m");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(asked("POST", "/v1/ca/abort")).isTrue();
        assertThat(recorded().path("failed").asInt()).isPositive();
    }

    /** It may be somebody's in earnest. */
    @Test
    void rotationOfSomebodyElseIsLeftAlone() {
        authority(Map.of());
        stub.on("POST /v1/ca/rotate", 409, "{\"title\":\"Conflict\",\"detail\":\"another rotation is under way\"}");
        Ran ran = drill("root", "--duration", "300ms");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("another rotation is under way");
        assertThat(asked("POST", "/v1/ca/abort")).isFalse();
    }

    @Test
    void whatSidecarsCouldNotServeCountsAndWhatPolicyDeniesDoesNot() {
        stub.on("POST /v1/certificates/rotate", _ -> {
            serial = "bb02";
            decisions = line("", 900) + line("error_type=\"caller_not_allowed\",", 50);
            return new Answer(200, "{\"requested\":1}");
        });
        assertThat(watching().held().out())
                .contains("sidecars: 950 requests, 0 failed")
                .doesNotContain("probes:");

        serial = "aa01";
        decisions = "";
        stub.on("POST /v1/certificates/rotate", _ -> {
            serial = "bb02";
            decisions = line("", 900) + line("error_type=\"upstream_identity\",", 2);
            return new Answer(200, "{\"requested\":1}");
        });
        Ran ran = watching();
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("sidecars: 902 requests, 2 failed");
    }

    @Test
    void aDrillWithoutARequestShowsNothing() {
        Ran ran = watching();
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("no request was under way, which shows nothing");
    }

    private Ran watching() {
        return sallyport(
                "certs", "drill", "rotation", "--context", stub.context, "--duration", "200ms", "--metrics", address());
    }

    /** {@code error}: the label with its comma, or nothing. */
    private static String line(String error, int count) {
        return "http_client_request_duration_seconds_count{" + error
                + "http_request_method=\"GET\",server_address=\"payment\"} " + count + "\n";
    }

    @Test
    void failuresOfTheMeshAreToldFromThoseOfTheApplication() {
        String page = "http_server_request_duration_seconds_count{error_type=\"no_route\",http_route=\"/a/{b}\"} 3\n"
                + "http_server_request_duration_seconds_count{http_route=\"/x\\\"} 9,error_type=\\\"draining\\\"\"} 5\n"
                + "http_server_request_duration_seconds_bucket{error_type=\"draining\",le=\"0.005\"} 100\n"
                + line("error_type=\"500\",", 7)
                + line("error_type=\"upstream_timeout\",", 11)
                + line("", 1000);
        assertThat(SidecarCounts.parse(page)).isEqualTo(new SidecarCounts(1026, 11));
    }

    @Test
    void drillsAreListed() {
        stub.on(
                "GET /v1/drills",
                200,
                "{\"drills\":[{\"id\":7,\"kind\":\"rotation\",\"by\":\"ada\",\"startedAt\":\"2027-03-31T12:00:00Z\","
                        + "\"endedAt\":\"2027-03-31T12:01:30Z\",\"requests\":4500,\"failed\":1,\"p99Micros\":4100,\"passed\":false,"
                        + "\"detail\":\"1 of 4500 requests failed\"}]}");
        assertThat(sallyport("certs", "drill", "list", "--context", stub.context)
                        .held()
                        .out())
                .containsPattern("7 +rotation +ada .* 1m 30s +4500 +1 +4 ms +failed");
        assertThat(sallyport("certs", "drill", "list", "--detail", "--context", stub.context)
                        .held()
                        .out())
                .contains("drill 7: rotation by ada, 2027-03-31T12:00:00Z, failed\n1 of 4500 requests failed");
    }

    private String sidecars() {
        return "{\"sidecars\":[{\"service\":\"payment\",\"instance\":\"i1\",\"connected\":true,\"certificateSerial\":\""
                + serial + "\"}]}";
    }

    private static String status() {
        String failure = "{\"at\":\"" + Instant.now().plusSeconds(86_430)
                + "\",\"identity\":\"spiffe://shop.example/sa/payment\",\"instance\":\"i1\",\"lacks\":\"certificate\"}";
        return "{\"outageBudget\":{\"workloads\":1,\"outages\":[{\"lost\":\"control-plane\",\"first\":" + failure
                + ",\"half\":" + failure + "}]}}";
    }
}
