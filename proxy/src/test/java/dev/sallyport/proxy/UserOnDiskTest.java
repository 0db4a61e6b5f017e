package dev.sallyport.proxy;

import static dev.sallyport.proxy.ProxyProcess.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attack 78: what a sidecar, as a process, leaves in its log, on its disk and on its pages of a user who went on, and of those who did not. */
@Timeout(60)
class UserOnDiskTest {
    @TempDir
    private Path folder;

    private final ECKey key = JwkFile.generate();

    private Path config(TestMesh mesh, HostPort application) throws Exception {
        DocumentSet set = DocumentSet.load(List.of(new Source("shop.yaml", Passing.DOCUMENTS)));
        Instant now = Instant.now();
        X509Svid svid = mesh.svid(TestMesh.pathOf("orders"));
        Map<String, String> keys = Map.of("shop", new JWKSet(mesh.issuerKey.toPublicJWK()).toString());
        Files.write(
                folder.resolve("snapshot.jws"),
                SignedSnapshot.sign(
                                MeshSnapshot.of(
                                        set,
                                        Objects.requireNonNull(
                                                set.mesh().services().get("orders")),
                                        new MeshSnapshot.Edition(1, 1, now, now.plusSeconds(3600)),
                                        new MeshSnapshot.Trust(List.of()),
                                        Revocations.NONE,
                                        new MeshSnapshot.Keys(new TreeMap<>(keys)),
                                        mesh.endpoints),
                                key)
                        .toBytes());
        Files.write(folder.resolve("key.jwk"), JwkFile.toBytes(key.toPublicJWK()));
        Files.writeString(folder.resolve("svid.pem"), Pem.encode(svid.chain()));
        Path privateKey = Files.createFile(
                folder.resolve("svid.key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(privateKey, Pem.encode(svid.privateKey()));
        Files.writeString(
                folder.resolve("bundle.pem"), mesh.authority.trustBundle().toPem());
        return Files.writeString(folder.resolve("orders.yaml"), """
                service: orders
                application: APPLICATION
                stateDirectory: ./state
                standalone: {snapshot: ./snapshot.jws, trustKey: ./key.jwk, certificate: ./svid.pem, privateKey: ./svid.key, trustBundle: ./bundle.pem}
                inbound: {listen: "127.0.0.1:0"}
                outbound: {listen: "127.0.0.1:0", upstreams: {payment: "127.0.0.1:0"}}
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0"}
                health: {listen: "127.0.0.1:0"}
                """.replace("APPLICATION", application.toString()));
    }

    /** What a process has told whoever may look. */
    private String told(String ready, Path log) throws Exception {
        StringBuilder told = new StringBuilder(Files.readString(log));
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String page : List.of("/config_dump", "/stats", "/connections", "/server_info", "/certs")) {
                told.append(get(client, field(ready, "admin"), page));
            }
            told.append(get(client, field(ready, "metrics"), "/metrics"));
            told.append(get(client, field(ready, "health"), "/readyz?verbose"));
        }
        try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                told.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return told.toString();
    }

    private static String get(HttpClient client, String address, String page) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://" + address + page)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(page).isEqualTo(200);
        return answer.body();
    }

    private static String ask(RawClient client, String host, String request, String... fields) throws IOException {
        return client.ask(request + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                + String.join("\r\n", fields) + "\r\n\r\n");
    }

    @Test
    void neitherHandleNorTokenIsInALogARecordOrAPage() throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        Path log = folder.resolve("orders.log");
        try (RawApplication application = RawApplication.plain();
                RawApplication payment = RawApplication.tls(
                        RawClient.context(mesh.svid(TestMesh.pathOf("payment")), mesh.authority.trustBundle()))) {
            payment.script = RawApplication.ECHOES;
            application.script = RawApplication.ECHOES;
            mesh.endpoint("payment", payment.address());
            try (ProxyProcess orders = ProxyProcess.start(
                    log, "--config", config(mesh, application.address()).toString())) {
                String ready = orders.ready();
                HostPort inbound = HostPort.parse(field(ready, "inbound")).orElseThrow();
                HostPort outbound = HostPort.parse(field(ready, "payment")).orElseThrow();
                String token = mesh.token("alice", "customer");
                application.script = visit -> {
                    String head = visit.request();
                    String state = head.lines()
                            .filter(line -> line.startsWith("tracestate: "))
                            .findFirst()
                            .orElse("x: y");
                    String wire = ask(RawClient.plain(outbound), "payment", "GET /charges", state);
                    visit.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + (head + wire).length()
                            + "\r\n\r\n" + head + wire);
                };
                String both = ask(
                        as(mesh, inbound),
                        "orders",
                        "POST /orders",
                        "Content-Length: 0",
                        "authorization: Bearer " + token);
                assertThat(both).contains("x-sallyport-user: alice", "sallyport=", "txn-token: eyJ");
                String handle = both.substring(both.indexOf("sallyport=") + 10).substring(0, 32);
                String hop = both.substring(both.indexOf("txn-token: ") + 11)
                        .lines()
                        .findFirst()
                        .orElseThrow();
                String forged = token.substring(0, token.length() - 6) + "AAAAAA";
                assertThat(ask(RawClient.plain(outbound), "payment", "GET /charges", "tracestate: sallyport=" + handle))
                        .doesNotContain("txn-token");
                for (String field : List.of(
                        "authorization: Bearer " + forged,
                        "authorization: Bearer x" + token,
                        "authorization: Bearer " + hop,
                        "Txn-Token: " + hop,
                        "Txn-Token: x" + hop,
                        "tracestate: sallyport=" + handle)) {
                    assertThat(ask(as(mesh, inbound), "orders", "POST /orders", "Content-Length: 0", field))
                            .startsWith("HTTP/1.1 401 ");
                }
                await().atMost(Hop.SOON).until(() -> told(ready, log).contains("token_signature"));
                String told = told(ready, log);
                assertThat(told)
                        .contains("token_issuer", "attached", "ended", "sallyport_users_carried_total{")
                        .doesNotContain(handle, token, hop, "PRIVATE KEY");
                for (String part : Stream.of(token, hop, forged)
                        .flatMap(text -> Stream.of(text.split("\\.", -1)))
                        .toList()) {
                    assertThat(told).doesNotContain(part.substring(0, 20), part.substring(part.length() - 20));
                }
            }
        }
    }

    private static RawClient as(TestMesh mesh, HostPort inbound) throws Exception {
        return RawClient.tls(
                inbound,
                Optional.of(mesh.svid(TestMesh.pathOf("web"))),
                mesh.authority.trustBundle(),
                "8080.orders.shop.example");
    }
}
