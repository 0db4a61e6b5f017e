package dev.sallyport.cli.mesh;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.cli.testing.SidecarState;
import dev.sallyport.cli.testing.StubControlPlane;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshTest {
    @TempDir
    private Path folder;

    private StubControlPlane stub;

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder);
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    @Test
    void statusShowsRevisionAndSidecars() {
        String status =
                "{\"mesh\":\"shop\",\"trustDomain\":\"shop.example\",\"epoch\":1,\"revision\":7,\"digest\":\"0123456789abcdef\","
                        + "\"documents\":{\"author\":\"folder\",\"folder\":\"/srv/docs\",\"lastError\":\"mesh.yaml:1:1: SP0001 no YAML\"},"
                        + "\"issuers\":[{\"name\":\"shop\",\"issuer\":\"https://auth.shop.example\",\"state\":\"stale\",\"keys\":1,"
                        + "\"fetchedAt\":\"" + Instant.now().minusSeconds(130) + "\",\"goodUntil\":\""
                        + Instant.now().plusSeconds(7270) + "\",\"error\":\"status 500\","
                        + "\"skipped\":[{\"key\":\"e1\",\"reason\":\"use: enc (expected: sig)\"}]}],\"sidecars\":{\"connected\":1},"
                        + "\"outageBudget\":{\"workloads\":1,\"outages\":[" + outage("control-plane", 3630) + ","
                        + outage("vault", 86_430)
                        + "]}}";
        stub.on("GET /v1/status", 200, status).on("GET /v1/sidecars", 200, sidecars("aa01"));

        assertThat(sallyport("status", "--context", stub.context).held().out())
                .contains("mesh shop (shop.example)  revision 7 (sha256:0123456789ab)  epoch 1")
                .contains("documents by folder /srv/docs", "  mesh.yaml:1:1: SP0001 no YAML")
                .containsPattern(
                        "issuer shop  https://auth.shop.example  stale  1 key, fetched 2m 1\\ds ago, end in 2h 1m\n  status 500\n"
                                + "  key e1 does not count: use: enc \\(expected: sig\\)")
                .contains(
                        "if the control plane died now, spiffe://shop.example/sa/payment i1 would fail first, in 1h 0m"
                                + " (end of its certificate), half of 1 workload in 1h 0m\nif Vault died now")
                .containsPattern("payment +i1 +yes +7 +aa01 ");
        assertThat(sallyport("status", "-o", "json", "--context", stub.context)
                        .held()
                        .json()
                        .at("/sidecars/connected")
                        .asInt())
                .isEqualTo(1);
    }

    private static String outage(String lost, long inSeconds) {
        String failure = "{\"at\":\"" + Instant.now().plusSeconds(inSeconds)
                + "\",\"identity\":\"spiffe://shop.example/sa/payment\",\"instance\":\"i1\",\"lacks\":\"certificate\"}";
        return "{\"lost\":\"" + lost + "\",\"first\":" + failure + ",\"half\":" + failure + "}";
    }

    @Test
    void waitForARevisionThatNeverComesTimesOut() {
        stub.on("GET /v1/status", 200, "{\"revision\":7,\"documents\":{}}")
                .on("GET /v1/sidecars", 200, sidecars("aa01"));

        sallyport("status", "--wait", "8", "--timeout", "100ms", "--context", stub.context)
                .refused(7, "revision 8: not everywhere", "control plane: at revision 7");
        sallyport("status", "--wait", "7", "--context", stub.context).held();
    }

    @Test
    void rotationIsOverWhenEverySerialChanged() {
        AtomicInteger looks = new AtomicInteger();
        stub.on("POST /v1/certificates/rotate", 200, "{\"requested\":1}")
                .on(
                        "GET /v1/sidecars",
                        _ -> new StubControlPlane.Answer(200, sidecars(looks.getAndIncrement() < 3 ? "aa01" : "bb02")));

        assertThat(sallyport("certs", "rotate", "--all", "--wait", "-o", "json", "--context", stub.context)
                        .held()
                        .json()
                        .path("rotated")
                        .asInt())
                .isEqualTo(1);
        assertThat(looks.get()).isGreaterThan(3);
        assertThat(stub.requests).anyMatch(request -> request.body().equals("{\"services\":null}"));
    }

    @Test
    void rotationThatDoesNotHappenTimesOut() {
        stub.on("POST /v1/certificates/rotate", 200, "{\"requested\":1}").on("GET /v1/sidecars", 200, sidecars("aa01"));

        sallyport("certs", "rotate", "payment", "--wait", "--timeout", "100ms", "--context", stub.context)
                .refused(7, "rotation: not everywhere", "payment i1: still certificate aa01");
        assertThat(stub.requests).anyMatch(request -> request.body().equals("{\"services\":[\"payment\"]}"));
    }

    @Test
    void certificatesAreListedFromTheControlPlaneAndFromDisk() throws Exception {
        stub.on(
                "GET /v1/certificates",
                200,
                "{\"certificates\":[{\"serial\":\"aa01\",\"identity\":\"spiffe://shop.example/sa/payment\",\"method\":\"join-token\",\"current\":true,\"state\":\"current\"}]}");
        assertThat(sallyport("certs", "list", "--context", stub.context).held().out())
                .containsPattern("spiffe://shop.example/sa/payment +aa01 .*join-token +current");

        SidecarState payment = new SidecarState(folder.resolve("state/payment"), "payment");
        var keys = CertificateSigningRequest.newKeyPair();
        EmbeddedAuthority authority = EmbeddedAuthority.open(
                folder.resolve("ca"),
                StubControlPlane.SHOP,
                KeyEncryption.fromFile(folder.resolve("ca.key")),
                Clock.systemUTC());
        var issued = authority.issue(
                CertificateSigningRequest.der(keys),
                SpiffeId.parse("spiffe://shop.example/sa/payment"),
                Duration.ofHours(2));
        Files.writeString(payment.folder.resolve("identity/svid.pem"), Pem.encode(issued.chain()));
        assertThat(sallyport("certs", "list", "--local", folder.resolve("state"))
                        .held()
                        .out())
                .containsPattern("spiffe://shop.example/sa/payment +[0-9a-f]{16} +in 1h 59m");
    }

    @Test
    void joinFileIsPrivateAndNeverOverwrittenUnasked() throws Exception {
        byte[] join = joinFile();
        stub.on("POST /v1/join-tokens", 200, new String(join, StandardCharsets.UTF_8));
        Path file = folder.resolve("payment.join");

        assertThat(sallyport(
                                "token",
                                "create",
                                "--service",
                                "payment",
                                "--out",
                                file,
                                "--life",
                                "5m",
                                "--context",
                                stub.context)
                        .held()
                        .out())
                .contains("join as spiffe://shop.example/sa/payment")
                .doesNotContain("s3cret");
        assertThat(file).hasBinaryContent(join);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(stub.requests.getLast().body()).isEqualTo("{\"service\":\"payment\",\"life\":\"5m\"}");

        int asked = stub.requests.size();
        sallyport("token", "create", "--service", "payment", "--out", file, "--context", stub.context)
                .refused(1, "exists", "--force");
        assertThat(stub.requests).hasSize(asked);
        sallyport("token", "create", "--service", "payment", "--out", file, "--force", "--context", stub.context)
                .held();
        try (var left = Files.list(folder)) {
            assertThat(left).noneMatch(path -> path.toString().endsWith(".part"));
        }
    }

    @Test
    void joinFileWithoutATokenIsAskedForAsSuch() throws Exception {
        byte[] join = JoinFile.ofBytes(joinFile()).withoutToken().toBytes();
        stub.on("POST /v1/join-tokens", 200, new String(join, StandardCharsets.UTF_8));
        Path file = folder.resolve("mesh.json");
        assertThat(sallyport(
                                "token",
                                "create",
                                "--service",
                                "payment",
                                "--no-token",
                                "--out",
                                file,
                                "--context",
                                stub.context)
                        .held()
                        .out())
                .contains("names the mesh for sidecars that prove to be spiffe://shop.example/sa/payment");
        assertThat(file).hasBinaryContent(join);
        assertThat(stub.requests.getLast().body()).isEqualTo("{\"service\":\"payment\",\"token\":false}");
    }

    private byte[] joinFile() throws Exception {
        EmbeddedAuthority authority = EmbeddedAuthority.open(
                folder.resolve("ca"),
                StubControlPlane.SHOP,
                KeyEncryption.fromFile(folder.resolve("ca.key")),
                Clock.systemUTC());
        return new JoinFile(
                        "shop",
                        "payment",
                        SpiffeId.parse("spiffe://shop.example/sa/payment"),
                        new HostPort("127.0.0.1", 15012),
                        new HostPort("127.0.0.1", 15013),
                        authority.trustBundle(),
                        List.of(new ECKeyGenerator(Curve.P_256)
                                .keyID("root")
                                .generate()
                                .toPublicJWK()),
                        "s3cret",
                        Instant.parse("2030-01-01T00:00:00Z"))
                .toBytes();
    }

    private static String sidecars(String serial) {
        return "{\"sidecars\":[{\"service\":\"payment\",\"instance\":\"i1\",\"connected\":true,\"certificateSerial\":\""
                + serial + "\",\"acked\":{\"epoch\":1,\"revision\":7}}]}";
    }
}
