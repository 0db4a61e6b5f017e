package dev.sallyport.proxy;

import static dev.sallyport.proxy.ProxyProcess.field;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.contract.JwkFile;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Source;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two sidecars as processes, and nobody who tells them anything but files: as Kubernetes mounts them, behind {@code ..data}. */
class StandaloneMeshTest {
    private static final String ALLOWING = TestMesh.DOCUMENTS;
    private static final String DENYING = TestMesh.DOCUMENTS.replace("web: {from: [web]", "web: {from: [payment]");
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private static final String SECRET = "s3cr3t-of-the-client";

    @TempDir
    private Path folder;

    private final ECKey key = JwkFile.generate();
    private final List<ProxyProcess> started = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private TestMesh mesh;
    private TestApplication application;

    @BeforeEach
    void openMesh() throws Exception {
        mesh = TestMesh.open(folder);
        application = new TestApplication();
    }

    @AfterEach
    void stop() {
        started.forEach(ProxyProcess::close);
        application.close();
    }

    private byte[] snapshot(String service, String documents, long revision) throws Exception {
        DocumentSet set = DocumentSet.load(List.of(new Source("shop.yaml", documents)));
        Instant now = Instant.now();
        return SignedSnapshot.sign(
                        MeshSnapshot.of(
                                set,
                                Objects.requireNonNull(set.mesh().services().get(service)),
                                new MeshSnapshot.Edition(1, revision, now, now.plusSeconds(3600)),
                                new MeshSnapshot.Trust(List.of()),
                                Revocations.NONE,
                                new MeshSnapshot.Keys(new TreeMap<>()),
                                mesh.endpoints),
                        key)
                .toBytes();
    }

    /** Replaces all files in one step: the link {@code ..data} moves to a new folder. */
    private void mount(String service, byte[] snapshot, X509Svid svid) throws IOException {
        Path mount = Files.createDirectories(folder.resolve(service));
        Path data = Files.createTempDirectory(mount, "..");
        Files.write(data.resolve("snapshot.jws"), snapshot);
        Files.write(data.resolve("key.jwk"), JwkFile.toBytes(key.toPublicJWK()));
        Files.writeString(data.resolve("svid.pem"), Pem.encode(svid.chain()));
        Path privateKey = Files.createFile(
                data.resolve("svid.key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(privateKey, Pem.encode(svid.privateKey()));
        Files.writeString(
                data.resolve("bundle.pem"), mesh.authority.trustBundle().toPem());
        Path link = Files.createSymbolicLink(mount.resolve("..data_tmp"), data.getFileName());
        Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        for (String name : List.of("snapshot.jws", "key.jwk", "svid.pem", "svid.key", "bundle.pem")) {
            if (!Files.exists(mount.resolve(name))) {
                Files.createSymbolicLink(mount.resolve(name), Path.of("..data", name));
            }
        }
    }

    private ProxyProcess start(String service) throws Exception {
        return start(service, "");
    }

    private ProxyProcess start(String service, String more) throws Exception {
        Path config = Files.writeString(
                folder.resolve(service + ".yaml"),
                """
                service: SERVICE
                application: APPLICATION
                stateDirectory: ./state-SERVICE
                standalone:
                  snapshot: ./SERVICE/snapshot.jws
                  trustKey: ./SERVICE/key.jwk
                  certificate: ./SERVICE/svid.pem
                  privateKey: ./SERVICE/svid.key
                  trustBundle: ./SERVICE/bundle.pem
                inbound: {listen: "127.0.0.1:0"}
                outbound: {listen: "127.0.0.1:0", upstreams: {orders: "127.0.0.1:0"}}
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0"}
                health: {listen: "127.0.0.1:0"}
                """.replace("SERVICE", service)
                                .replace("APPLICATION", application.address().toString())
                        + more);
        ProxyProcess proxy = ProxyProcess.start(
                folder.resolve(service + "-" + started.size() + ".log"), "--config", config.toString());
        started.add(proxy);
        return proxy;
    }

    private HttpResponse<String> get(String address, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://" + address + path)).build(), BodyHandlers.ofString());
    }

    private X509Svid svid(String service) throws Exception {
        return mesh.svid(TestMesh.pathOf(service));
    }

    /** {@code ready} is a line of the caller's side. */
    private int callOrders(String ready) throws Exception {
        return get(field(ready, "orders"), "/open/7").statusCode();
    }

    private String startOrders() throws Exception {
        return startOrders("");
    }

    private String startOrders(String more) throws Exception {
        String ready = start("orders", more).ready();
        mesh.endpoint("orders", HostPort.parse(field(ready, "inbound")).orElseThrow());
        return ready;
    }

    @Test
    void requestPassesAndWhatTheFilesSayIsFollowedAndNeverTakenBack() throws Exception {
        byte[] allowing = snapshot("orders", ALLOWING, 1);
        mount("orders", allowing, svid("orders"));
        String orders = startOrders();
        mount("web", snapshot("web", ALLOWING, 1), svid("web"));
        String web = start("web").ready();

        assertThat(callOrders(web)).isEqualTo(200);
        assertThat(application.last().headers().getFirst("x-forwarded-client-cert"))
                .contains("URI=spiffe://shop.example/ns/edge/sa/web");
        pagesSayWhatTheySayElsewhere(orders);

        X509Svid next = svid("orders");
        mount("orders", allowing, next);
        await().atMost(DEADLINE)
                .until(() -> get(field(orders, "admin"), "/certs").body().contains(next.serial()));
        assertThat(callOrders(web)).isEqualTo(200);
        assertThat(get(field(orders, "admin"), "/stats").body()).contains("\"certificatesRenewed\":1");

        mount("orders", snapshot("orders", DENYING, 2), next);
        await().atMost(DEADLINE).until(() -> callOrders(web) == 403);

        started.getFirst().close();
        started.getFirst().process().waitFor();
        mount("orders", allowing, next);
        String again = startOrders();
        mount("web", snapshot("web", ALLOWING, 2), svid("web")); // where orders is now
        await().atMost(DEADLINE).until(() -> callOrders(web) == 403);
        assertThat(get(field(again, "admin"), "/stats").body()).contains("\"snapshotsRefused\":1");
    }

    private void pagesSayWhatTheySayElsewhere(String ready) throws Exception {
        String admin = field(ready, "admin");
        assertThat(get(field(ready, "health"), "/readyz").statusCode()).isEqualTo(200);
        assertThat(get(admin, "/config_dump").body())
                .contains("\"mode\":\"standalone\"", "\"inForce\":true", "\"revision\":1");
        assertThat(get(admin, "/certs").body())
                .contains("\"trustDomain\":\"shop.example\"")
                .doesNotContain("PRIVATE", "renewAt");
        assertThat(get(admin, "/server_info").body()).doesNotContain("controlPlane");
        assertThat(get(field(ready, "metrics"), "/metrics").body())
                .contains("sallyport_certificate_expiration_timestamp_seconds{", "sallyport_config_rejected_total 0.0")
                .doesNotContain("sallyport_control_plane_connected");
    }

    @Test
    void snapshotThatNobodyTrustedSignedIsToldInOneSentence() throws Exception {
        mount("orders", snapshot("orders", ALLOWING, 1), svid("orders"));
        Path file = folder.resolve("orders/snapshot.jws").toRealPath();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        start("orders").endsWith(3, "sallyport: standalone.snapshot: ");
    }

    @Test
    void serviceWithoutAnEndpointIsNotFoundElsewhere() throws Exception {
        mount("web", snapshot("web", ALLOWING, 1), svid("web"));
        assertThat(callOrders(start("web").ready())).isEqualTo(503);
    }

    @Test
    void whatIsToldOutsideIsWholeAtSigtermAndHoldsNoSecret() throws Exception {
        mount("orders", snapshot("orders", ALLOWING, 1), svid("orders"));
        String orders = startOrders("accessLog: {to: stdout}\n");
        mount("web", snapshot("web", ALLOWING, 1), svid("web"));
        String web = start("web").ready();
        Path state = folder.resolve("state-orders");
        String admin = Files.readString(state.resolve("admin-address")).strip();
        String adminToken = Files.readString(state.resolve("admin-token")).strip();
        assertThat(admin).isEqualTo(field(orders, "admin"));
        StringBuilder told = new StringBuilder();

        HttpRequest.Builder debug = asAdministrator(admin, "/logging?level=debug&for=1h", adminToken);
        told.append(client.send(debug.POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString())
                .body());
        assertThat(told).contains("\"level\":\"debug\",\"until\":");
        InputStream tap = client.send(
                        asAdministrator(admin, "/tap?perSecond=1000", adminToken)
                                .build(),
                        BodyHandlers.ofInputStream())
                .body();
        int requests = sendSecrets(HostPort.parse(field(web, "orders")).orElseThrow());
        for (String page : List.of("certs", "config_dump", "stats", "server_info", "connections", "logging")) {
            told.append(get(admin, "/" + page).body());
        }
        told.append(get(field(orders, "metrics"), "/metrics").body());
        assertThat(callOrders(web)).isEqualTo(200);
        requests++;

        ProxyProcess process = started.getFirst();
        process.process().toHandle().destroy(); // SIGTERM; Process.destroy would close what we read too.
        List<String> lines = process.rest();
        assertThat(process.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lines).hasSize(requests);
        Set<Object> decisions = new HashSet<>();
        for (String line : lines) {
            decisions.add(HostileAccessLineTest.parsed(line).get("decision_id"));
        }
        assertThat(decisions).hasSize(requests).doesNotContainNull();
        assertThat(lines.getLast()).contains("\"path\":\"/open/k1-", "\"reason\":\"allowed\"");
        String tapped = new String(tap.readAllBytes(), UTF_8); // Whole: its end is the last chunk's.
        assertThat(tapped.lines().map(line -> field(line, "decision_id")))
                .containsExactlyInAnyOrderElementsOf(
                        lines.stream().map(line -> field(line, "decision_id")).toList());
        assertThat(process.log())
                .contains("\"level\":\"debug\",\"message\":\"request not served\"", "\"reason\":\"token_");
        told.append(lines).append(tapped).append(process.log());
        String key = Files.readString(folder.resolve("orders/svid.key"))
                .lines()
                .toList()
                .get(1);
        assertThat(told).doesNotContain(SECRET, "hvs.", "eyJ", "Bearer", "PRIVATE KEY", adminToken, key);
    }

    private static HttpRequest.Builder asAdministrator(String admin, String target, String token) {
        return HttpRequest.newBuilder(URI.create("http://" + admin + target)).header("x-sallyport-admin-token", token);
    }

    /** In every place of a request that is nobody's business; how many requests. */
    private int sendSecrets(HostPort toOrders) throws Exception {
        String pem = "-----BEGIN PRIVATE KEY-----" + SECRET + "-----END PRIVATE KEY-----";
        List<String> requests = List.of(
                "GET /mine/7 HTTP/1.1\r\nAuthorization: Bearer " + mesh.token("alice") + "\r\n",
                "GET /mine/7 HTTP/1.1\r\nAuthorization: Bearer hvs." + SECRET + "\r\n",
                "GET /mine/7 HTTP/1.1\r\nAuthorization: Basic " + SECRET + "\r\n",
                "GET /open/7 HTTP/1.1\r\nx-vault-token: hvs." + SECRET + "\r\nCookie: session=" + SECRET + "\r\n",
                "GET /open/7 HTTP/1.1\r\nx-forwarded-client-cert: " + pem + "\r\nx-key: " + pem + "\r\n",
                "GET /open/7?token=" + SECRET + "&vault=hvs." + SECRET + " HTTP/1.1\r\n",
                "GET /nowhere/hvs." + SECRET + " HTTP/1.1\r\n",
                "POST /open/7 HTTP/1.1\r\nContent-Length: " + pem.length() + "\r\nX-Body: yes\r\n");
        for (String request : requests) {
            String body = request.startsWith("POST") ? pem : "";
            try (RawClient caller = RawClient.plain(toOrders)) {
                assertThat(caller.ask(request + "Host: orders\r\nConnection: close\r\n\r\n" + body))
                        .startsWith("HTTP/1.1 ");
            }
        }
        return requests.size();
    }
}
