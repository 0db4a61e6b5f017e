package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One hop of real processes, driven by curl and openssl: what a caller, a stranger and an operator each see. */
class OneHopTest {
    private static final Duration DEADLINE = Duration.ofSeconds(15);

    @TempDir
    static Path folder;

    private static Mesh mesh;
    private static Running front;
    private static Running back;

    @BeforeAll
    static void startMesh() throws Exception {
        mesh = Mesh.start(folder);
        front = mesh.startFront();
        back = mesh.startBack();
        mesh.createToken("front");
        mesh.createToken("back");
        front.ready();
        back.ready();
    }

    @AfterAll
    static void stopMesh() throws Exception {
        mesh.close();
    }

    @Test
    void allowedRequestReachesTheApplicationWithTheProvenCaller() {
        Answer answer = viaFront("GET", "/things/7");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/headers/x-forwarded-client-cert/0").asText())
                .contains("URI=spiffe://small.example/sa/front")
                .contains("By=spiffe://small.example/sa/back");
    }

    @Test
    void identityHeadersOfTheClientNeverArrive() {
        Answer answer = viaFront(
                "GET",
                "/things/7",
                "-H",
                "X-Sallyport-User: root",
                "-H",
                "x_sallyport_user: root",
                "-H",
                "X-Forwarded-Client-Cert: URI=spiffe://small.example/sa/boss",
                "-H",
                "Connection: x-forwarded-client-cert");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body())
                .doesNotContain("root")
                .doesNotContain("boss")
                .contains("URI=spiffe://small.example/sa/front");
    }

    @Test
    void userIsProvenByTheTokenAndTheTokenStays() throws Exception {
        String token = mesh.token("{\"sub\":\"alice\",\"roles\":[\"customer\"]}");
        Answer answer = viaFront("POST", "/things", "-H", "Authorization: Bearer " + token, "-d", "x=1");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/headers/x-sallyport-user/0").asText()).isEqualTo("alice");
        assertThat(answer.json().at("/headers/authorization").isMissingNode()).isTrue();
        assertThat(answer.json().path("body").asText()).isEqualTo("x=1");
    }

    @Test
    void missingTokenIsRefusedAndRecordedAndExplained() throws Exception {
        Answer answer = viaFront("POST", "/things", "-d", "x=1");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.json().path("title").asText()).isEqualTo("Unauthorized");
        String id = answer.json().path("decisionId").asText();
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(mesh.record("back", id)
                                .path("sallyport.authz.reason")
                                .asText())
                        .isEqualTo("token_missing"));
        Shell.Result explained = Shell.sallyport(
                "explain", id, "--state", folder.resolve("state").toString());
        assertThat(explained.exit()).as(explained.err()).isZero();
        assertThat(explained.out()).contains("DENY 401 token_missing").contains("back/write/front");
    }

    @Test
    void wrongRoleIsForbidden() throws Exception {
        String token = mesh.token("{\"sub\":\"bob\",\"roles\":[\"guest\"]}");
        Answer answer = viaFront("POST", "/things", "-H", "Authorization: Bearer " + token, "-d", "x=1");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).doesNotContain("role").doesNotContain("back/write");
    }

    @Test
    void callerThatNoRuleNamesIsForbidden() {
        assertThat(viaFront("POST", "/others", "-d", "x=1").status()).isEqualTo(403);
    }

    @Test
    void pathThatTwoParsersReadDifferentlyIsRefused() {
        assertThat(viaFront("GET", "/things/..%2fothers").status()).isEqualTo(400);
        assertThat(viaFront("GET", "/things//7").status()).isEqualTo(400);
    }

    @Test
    void destinationByHostOnTheProxyPort() {
        Answer named = curl("http://" + front.text("outbound") + "/things/7", "-H", "Host: back");
        assertThat(named.status()).isEqualTo(200);
        Answer unknown = curl("http://" + front.text("outbound") + "/things/7", "-H", "Host: elsewhere.example");
        assertThat(unknown.status()).isEqualTo(502);
    }

    @Test
    void clientWithoutCertificateIsRefusedAndRecorded() throws Exception {
        int before = mesh.records("back", "sallyport.connection").size();
        Shell.Result curl =
                Shell.run(List.of("curl", "-sk", "--max-time", "10", "https://" + back.text("inbound") + "/things/7"));
        assertThat(curl.exit()).isNotZero();
        await().atMost(DEADLINE).untilAsserted(() -> {
            List<JsonNode> refused = mesh.records("back", "sallyport.connection");
            assertThat(refused).hasSizeGreaterThan(before);
            assertThat(refused.getLast().path("sallyport.authz.reason").asText())
                    .isEqualTo("certificate_missing");
        });
    }

    @Test
    void curlWithTheCallersCertificateIsTheCaller() {
        Path identity = mesh.state("front").resolve("identity");
        String port = back.text("inbound").substring(back.text("inbound").lastIndexOf(':') + 1);
        Answer answer = curl(
                "https://8080.back.small.example:" + port + "/things/7",
                "-k",
                "--http1.1",
                "--resolve",
                "8080.back.small.example:" + port + ":127.0.0.1",
                "--cert",
                identity.resolve("svid.pem").toString(),
                "--key",
                identity.resolve("svid.key").toString(),
                "-H",
                "Host: back");
        assertThat(answer.status()).isEqualTo(200);
        Answer misdirected = curl(
                "https://9999.back.small.example:" + port + "/things/7",
                "-k",
                "--http1.1",
                "--resolve",
                "9999.back.small.example:" + port + ":127.0.0.1",
                "--cert",
                identity.resolve("svid.pem").toString(),
                "--key",
                identity.resolve("svid.key").toString(),
                "-H",
                "Host: back");
        assertThat(misdirected.status()).isEqualTo(421);
    }

    @Test
    void sessionsAreNeverResumed() throws Exception {
        Path identity = mesh.state("front").resolve("identity");
        Path session = folder.resolve("session.pem");
        List<String> client = new ArrayList<>(List.of(
                "openssl",
                "s_client",
                "-connect",
                back.text("inbound"),
                "-servername",
                "8080.back.small.example",
                "-cert",
                identity.resolve("svid.pem").toString(),
                "-key",
                identity.resolve("svid.key").toString(),
                "-sess_out",
                session.toString(),
                "-ign_eof"));
        String request = "GET /things/7 HTTP/1.1\r\nHost: back\r\nConnection: close\r\n\r\n";
        Shell.Result first = Shell.run(client, Map.of(), request);
        assertThat(first.out()).contains("New, TLSv1.3").contains("HTTP/1.1 200");
        if (Files.exists(session)) {
            client.addAll(List.of("-sess_in", session.toString()));
        }
        Shell.Result second = Shell.run(client, Map.of(), request);
        assertThat(second.out())
                .contains("New, TLSv1.3")
                .doesNotContain("Reused,")
                .contains("HTTP/1.1 200");
    }

    @Test
    void healthMetricsAndAdminAnswer() {
        assertThat(curl("http://" + back.text("health") + "/readyz?verbose").body())
                .contains("[+]");
        assertThat(curl("http://" + back.text("metrics") + "/metrics").body())
                .contains("sallyport_build_info")
                .contains("sallyport_certificate_expiration_timestamp_seconds");
        assertThat(curl("http://" + back.text("admin") + "/certs").body())
                .contains("spiffe://small.example/sa/back")
                .doesNotContain("PRIVATE");
        assertThat(curl("http://" + back.text("admin") + "/certs", "-H", "Host: evil.example")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void everyRecordOfTheMeshVerifies() {
        viaFront("GET", "/things/7");
        Shell.Result verified =
                Shell.sallyport("audit", "verify", folder.resolve("state").toString());
        assertThat(verified.exit()).as(verified.err() + verified.out()).isZero();
    }

    private record Answer(int status, String body) {
        JsonNode json() {
            return Mesh.json(body);
        }
    }

    private static Answer viaFront(String method, String path, String... more) {
        List<String> arguments = new ArrayList<>(List.of("-X", method));
        arguments.addAll(List.of(more));
        return curl("http://" + front.ready().at("/upstreams/back").asText() + path, arguments.toArray(String[]::new));
    }

    private static Answer curl(String url, String... more) {
        List<String> command =
                new ArrayList<>(List.of("curl", "-s", "--path-as-is", "--max-time", "20", "-w", "\n%{http_code}"));
        command.addAll(List.of(more));
        command.add(url);
        Shell.Result result = Shell.run(command);
        assertThat(result.exit())
                .as("%s: %s %s", command, result.err(), result.out())
                .isZero();
        int cut = result.out().lastIndexOf('\n');
        return new Answer(
                Integer.parseInt(result.out().substring(cut + 1)), result.out().substring(0, cut));
    }
}
