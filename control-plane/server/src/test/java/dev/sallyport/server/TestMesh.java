package dev.sallyport.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidTrustManager;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** A control plane in this process on free ports, with a real authority, and an administrator who speaks to it by the JDK's HttpClient. */
final class TestMesh implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    static final TrustDomain TRUST_DOMAIN = new TrustDomain("small.example");
    static final String MESH_DOCUMENT = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: small}
            spec:
              trustDomain: small.example
              services:
                front: {identity: spiffe://small.example/sa/front, ports: {8080: http}}
                back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
                spare: {identity: spiffe://small.example/sa/spare, ports: {8080: http}}
            """;
    static final String BACK_DOCUMENT = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: back}
            spec:
              service: back
              routes:
                read: {match: "GET /things/{id}", allow: {front: {from: [front], user: none}}}
            """;

    final Path folder;
    final TestClock clock = new TestClock();
    volatile ControlPlane controlPlane;
    /** While true, nobody can expect an answer. */
    volatile boolean restarting;

    private HttpClient admin;

    private final boolean withFolder;

    /** In force from the next start on. */
    IssuanceSettings issuance;
    /** The same. */
    AuditSettings audit = AuditSettings.NONE;

    private TestMesh(Path folder, boolean withFolder, IssuanceSettings issuance) throws Exception {
        this.folder = folder;
        this.withFolder = withFolder;
        this.issuance = issuance;
        if (withFolder) {
            Files.createDirectories(documents());
            Files.writeString(documents().resolve("mesh.yaml"), MESH_DOCUMENT);
            Files.writeString(documents().resolve("back.yaml"), BACK_DOCUMENT);
        }
        controlPlane = start();
        admin = client(adminKeys());
    }

    static TestMesh withFolder(Path folder) throws Exception {
        return new TestMesh(folder, true, IssuanceSettings.NONE);
    }

    static TestMesh with(Path folder, IssuanceSettings issuance) throws Exception {
        return new TestMesh(folder, true, issuance);
    }

    static TestMesh withApi(Path folder) throws Exception {
        return new TestMesh(folder, false, IssuanceSettings.NONE);
    }

    Path documents() {
        return folder.resolve("documents");
    }

    Path state() {
        return folder.resolve("state");
    }

    private ControlPlane start() throws Exception {
        return ControlPlane.start(config(), folder.resolve("config"), clock);
    }

    ServerConfig config() {
        HostPort anyPort = new HostPort("127.0.0.1", 0);
        return new ServerConfig(
                state(),
                withFolder ? Optional.of(documents()) : Optional.empty(),
                true,
                Optional.of(TRUST_DOMAIN),
                Optional.of("small"),
                anyPort,
                anyPort,
                anyPort,
                anyPort,
                Optional.empty(),
                Optional.empty(),
                Duration.ofHours(24),
                issuance,
                Optional.of(Duration.ofHours(6)),
                AuthoritySettings.EMBEDDED,
                audit);
    }

    void restart() throws Exception {
        restarting = true;
        controlPlane.close();
        controlPlane = start();
        restarting = false;
        reconnectAdministrator();
    }

    /** With what is to be trusted now. */
    void reconnectAdministrator() throws Exception {
        admin = client(adminKeys());
    }

    TrustBundle bundle() {
        return controlPlane.foundation().authorities().bundle();
    }

    /** A client that trusts the workload root and shows what {@code keys} holds. */
    HttpClient client(KeyManager... keys) throws Exception {
        return client(List.of(bundle()), keys);
    }

    HttpClient client(List<TrustBundle> bundles, KeyManager... keys) throws Exception {
        SvidPublisher trust = new SvidPublisher();
        trust.publishBundles(bundles);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(
                keys,
                new TrustManager[] {new SvidTrustManager(new SvidVerifier(trust.source(), Clock.systemUTC()))},
                new SecureRandom());
        return HttpClient.newBuilder()
                .sslContext(context)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    KeyManager[] adminKeys() throws Exception {
        JsonNode context = JSON.readTree(Files.readString(controlPlane.adminFile()));
        return keys(
                Pem.certificates(context.path("certificate").asText()).toArray(Certificate[]::new),
                Pem.privateKey(context.path("privateKey").asText()));
    }

    static KeyManager[] keys(Certificate[] chain, java.security.PrivateKey key) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", key, new char[0], chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    static URI uri(HostPort address, String path) {
        return URI.create("https://" + address + path);
    }

    /** An administrator's request; {@code headers} are name, value, name, value. */
    HttpResponse<String> api(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(controlPlane.api(), path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("content-type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return admin.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = api("GET", path, "");
        if (answer.statusCode() != 200) {
            throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    HttpResponse<String> put(String etag, Map<String, String> sources) throws IOException, InterruptedException {
        List<Map<String, String>> list = sources.entrySet().stream()
                .map(source -> Map.of("name", source.getKey(), "text", source.getValue()))
                .toList();
        return api("PUT", "/v1/documents", JSON.writeValueAsString(Map.of("sources", list)), "if-match", etag);
    }

    JoinFile joinFile(String service) throws Exception {
        HttpResponse<String> answer =
                api("POST", "/v1/join-tokens", "{\"service\":\"" + service + "\",\"life\":\"1h\"}");
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
        return JoinFile.ofBytes(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    TestSidecar sidecar(String service) throws Exception {
        return new TestSidecar(this, joinFile(service));
    }

    TestSidecar enrolled(String service) throws Exception {
        TestSidecar sidecar = sidecar(service);
        sidecar.enrol();
        return sidecar;
    }

    @Override
    public void close() {
        controlPlane.close();
    }
}
