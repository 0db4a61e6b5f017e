package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.telemetry.Observer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The sidecar of orders, its application, and callers that speak to it as their sidecars would. */
final class Door implements AutoCloseable {
    final TestMesh mesh;
    final TestApplication application;
    final TestSidecar orders;
    private final Map<String, X509Svid> svids = new ConcurrentHashMap<>();

    private Door(TestMesh mesh, TestApplication application, TestSidecar orders) {
        this.mesh = mesh;
        this.application = application;
        this.orders = orders;
    }

    /** {@code policies}: documents that follow {@link #MESH}. */
    static Door open(Path folder, String policies) throws Exception {
        return open(folder, policies, Limits.standard());
    }

    static Door open(Path folder, String policies, Limits limits) throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        mesh.documents = MESH + policies;
        TestApplication application = new TestApplication();
        TestSidecar orders =
                TestSidecar.start(mesh, "orders", mesh.svid(TestMesh.pathOf("orders")), application.address(), limits);
        orders.learn();
        return new Door(mesh, application, orders);
    }

    /** {@code observers} are told of the sidecar's requests. */
    static Door observed(Path folder, String policies, List<Observer.Maker> observers) throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        mesh.documents = MESH + policies;
        TestApplication application = new TestApplication();
        TestSidecar orders = TestSidecar.observed(mesh, "orders", application.address(), observers);
        orders.learn();
        return new Door(mesh, application, orders);
    }

    static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              opa: {main: {address: "127.0.0.1:1"}}
              issuers:
                shop: {issuer: "https://auth.shop.example", audiences: [shop-api], algorithms: [ES256], roles: realm_access.roles, clockSkew: 30s}
              services:
                web: {identity: "spiffe://shop.example/ns/edge/sa/web", ports: {8080: http}}
                orders: {identity: "spiffe://shop.example/ns/shop/sa/orders", ports: {8080: http}}
                payment: {identity: "spiffe://shop.example/ns/shop/sa/payment", ports: {8080: http}}
            ---
            """;

    RawClient connect(String service) throws Exception {
        X509Svid svid = svids.get(service);
        if (svid == null) {
            svid = mesh.svid(TestMesh.pathOf(service));
            svids.put(service, svid);
        }
        return RawClient.tls(
                orders.inbound(), Optional.of(svid), mesh.authority.trustBundle(), "8080.orders.shop.example");
    }

    /** A head as the sidecar of a caller sends it; {@code fields} as {@code name: value}. */
    static String head(String requestLine, String... fields) {
        return requestLine + " HTTP/1.1\r\nHost: orders\r\n"
                + String.join(
                        "",
                        List.of(fields).stream().map(field -> field + "\r\n").toList()) + "\r\n";
    }

    /** One request on a connection of its own: the whole response. */
    String ask(String service, String requestLine, String... fields) throws Exception {
        String[] all = List.of(fields).toArray(new String[fields.length + 1]);
        all[fields.length] = "Connection: close";
        return connect(service).ask(head(requestLine, all));
    }

    /** The only record. */
    AuditRecord record() {
        await().atMost(Duration.ofSeconds(5)).until(() -> !orders.records.isEmpty());
        assertThat(orders.records).hasSize(1);
        return orders.records.getFirst();
    }

    /** Between two tests. */
    void forget() throws Exception {
        await().atMost(Duration.ofSeconds(5)).until(() -> orders.dataPath.active() == 0);
        application.seen.clear();
        application.answer = TestApplication.ECHO;
        orders.audit.disk = FakeAudit.Disk.WRITES;
        orders.audit.intents.clear();
        orders.records.clear();
    }

    @Override
    public void close() {
        orders.close();
        application.close();
    }
}
