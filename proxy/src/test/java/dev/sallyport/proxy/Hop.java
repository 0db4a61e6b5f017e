package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.testing.TestLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;

/** Both doors, and bytes at both ends: a client in the clear → web's sidecar ═mTLS═ orders' sidecar → an application; or a client over TLS, as web, at the second door. */
final class Hop implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(5);
    static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                open:
                  match: ["GET /open/{id}", "HEAD /open/{id}", "POST /open/{id}", "PUT /open/{id}", "OPTIONS /open/{id}", "DELETE /open/{id}"]
                  allow: {web: {from: [web], user: none}}
                files:
                  match: "GET /files/**"
                  allow: {web: {from: [web], user: none}}
                required:
                  match: ["POST /required", "GET /required"]
                  audit: required
                  allow: {web: {from: [web], user: none}}
                overlapped:
                  match: GET /overlapped
                  audit: overlapped
                  allow: {web: {from: [web], user: none}}
                mine:
                  match: "GET /mine"
                  allow: {web: {from: [web], user: required, forwardToken: true}}
                admin:
                  match: ["GET /admin/**", "POST /admin/**", "GET /admin"]
                  allow: {payment: {from: [payment], user: none}}
            """;

    static {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
    }

    final TestMesh mesh;
    final RawApplication application;
    final TestSidecar orders;
    final TestSidecar web;
    private final SSLContext webContext;

    private Hop(TestMesh mesh, RawApplication application, TestSidecar orders, TestSidecar web) throws Exception {
        this.mesh = mesh;
        this.application = application;
        this.orders = orders;
        this.web = web;
        webContext = context("web");
        mesh.endpoint("orders", orders.inbound());
        orders.learn();
        web.learn();
    }

    /** {@code limits}: of both sidecars, by name, where they are not the standard ones. */
    static Hop open(Path folder, Map<String, Object> limits) throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        mesh.documents = Door.MESH + POLICY;
        RawApplication application = RawApplication.plain();
        return new Hop(
                mesh,
                application,
                TestSidecar.start(
                        mesh,
                        "orders",
                        mesh.svid(TestMesh.pathOf("orders")),
                        application.address(),
                        TestLimits.with(limits)),
                TestSidecar.start(
                        mesh,
                        "web",
                        mesh.svid(TestMesh.pathOf("web")),
                        TestSidecar.anyPort(),
                        TestLimits.with(limits)));
    }

    /** Of a workload of this mesh, as a server or as a client. */
    SSLContext context(String service) throws Exception {
        return RawClient.context(mesh.svid(TestMesh.pathOf(service)), mesh.authority.trustBundle());
    }

    /** As web's sidecar would. */
    RawClient inbound() throws Exception {
        return to(orders);
    }

    /** As web's sidecar would, to another sidecar of orders. */
    RawClient to(TestSidecar sidecar) throws Exception {
        return RawClient.tls(sidecar.inbound(), webContext, "8080.orders.shop.example");
    }

    /** One more sidecar of web, which finds orders at {@code endpoints}; its callers use {@code upstream("orders")}. */
    TestSidecar webTo(Map<String, Object> limits, HostPort... endpoints) throws Exception {
        TestSidecar caller = TestSidecar.start(
                mesh, "web", mesh.svid(TestMesh.pathOf("web")), TestSidecar.anyPort(), TestLimits.with(limits));
        mesh.endpoint("orders", endpoints);
        caller.learn();
        mesh.endpoint("orders", orders.inbound());
        return caller;
    }

    TestSidecar webTo(HostPort... endpoints) throws Exception {
        return webTo(Map.of(), endpoints);
    }

    /** As web's application would. */
    RawClient outbound() throws Exception {
        return RawClient.plain(web.upstream("orders"));
    }

    /** The only one of {@code sidecar}, whose exchanges have all ended. */
    static AuditRecord record(TestSidecar sidecar) {
        await().atMost(SOON).until(() -> !sidecar.records.isEmpty());
        await().atMost(SOON).until(() -> sidecar.dataPath.active() == 0);
        assertThat(sidecar.records).hasSize(1);
        return sidecar.records.getFirst();
    }

    /** Between two tests. */
    void forget() {
        await().atMost(SOON).until(() -> orders.dataPath.active() == 0 && web.dataPath.active() == 0);
        application.forget();
        orders.settle(); // No test begins on a connection that the one before has left behind.
        for (TestSidecar sidecar : new TestSidecar[] {orders, web}) {
            sidecar.audit.disk = FakeAudit.Disk.WRITES;
            sidecar.audit.intents.clear();
            sidecar.records.clear();
        }
    }

    @Override
    public void close() {
        web.close();
        orders.close();
        application.close();
    }
}
