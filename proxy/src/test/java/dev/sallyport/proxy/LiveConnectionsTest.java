package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.telemetry.Connections;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a revocation and a retired root do to connections that stand: those of the losers end, after a revocation with what is under way on them, and nobody else notices. */
@Timeout(60)
class LiveConnectionsTest {
    private static final String REQUEST = "GET /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n";
    private static final String ALSO_PAYMENT = Hop.POLICY.replace("from: [web]", "from: [web, payment]");
    /** The promise is one second; on this machine several suites share two cores. */
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    private final CountDownLatch end = new CountDownLatch(1);
    private TestMesh mesh;
    private RawApplication application;
    private TestSidecar orders;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private X509Svid web;
    private X509Svid payment;

    @BeforeEach
    void start() throws Exception {
        mesh = TestMesh.open(folder);
        mesh.documents = Door.MESH + ALSO_PAYMENT;
        web = mesh.svid(TestMesh.pathOf("web"));
        payment = mesh.svid(TestMesh.pathOf("payment"));
        application = opened(RawApplication.plain());
        orders = opened(TestSidecar.start(mesh, "orders", application.address()));
        mesh.endpoint("orders", orders.inbound());
        orders.learn();
    }

    @AfterEach
    void stop() throws Exception {
        end.countDown();
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T each) {
        opened.add(each);
        return each;
    }

    private RawClient connect(X509Svid svid) throws Exception {
        return connect(svid, mesh.authority);
    }

    /** {@code of}: whose leaf orders shows. */
    private RawClient connect(X509Svid svid, EmbeddedAuthority of) throws Exception {
        return opened(RawClient.tls(orders.inbound(), Optional.of(svid), of.trustBundle(), "8080.orders.shop.example"));
    }

    /** A connection to orders that has served a request. */
    private RawClient standing(X509Svid svid) throws Exception {
        RawClient client = connect(svid);
        assertServed(client);
        return client;
    }

    /** A request under way: the application has read it, and does not answer before {@link #end}. */
    private void held(RawClient client) throws Exception {
        application.script = visit -> {
            visit.request();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            visit.send(RawApplication.OK);
        };
        client.send(REQUEST);
        await().atMost(Hop.SOON).until(() -> !application.received().isEmpty());
    }

    private static void assertServed(RawClient client) throws Exception {
        client.send(REQUEST);
        assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
    }

    /** The sidecar of web. */
    private TestSidecar caller() throws Exception {
        TestSidecar caller = opened(TestSidecar.start(mesh, "web", TestSidecar.anyPort()));
        caller.learn();
        return caller;
    }

    private void revoke(TestSidecar sidecar, Revocations revocations) throws Exception {
        sidecar.publisher.publishTrust(List.of(mesh.authority.trustBundle()), revocations);
    }

    private static Revocations serial(String serial) {
        return new Revocations(Set.of(serial), Set.of());
    }

    private static Revocations identity(X509Svid svid) {
        return new Revocations(Set.of(), Set.of(svid.id()));
    }

    /** By a cut, so that nobody takes it for the orderly end of anything. */
    private static void assertCut(RawClient client, long since) {
        assertThat(client.ended().text()).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(AT_ONCE);
    }

    // ---- inbound ----

    @Test
    void revokedSerialLosesItsConnectionAndNobodyElseDoes() throws Exception {
        X509Svid another = mesh.svid(TestMesh.pathOf("web"));
        RawClient loser = standing(web);
        List<RawClient> stay = List.of(standing(another), standing(payment));
        long now = System.nanoTime();
        revoke(orders, serial(web.serial()));
        assertCut(loser, now);
        assertThat(orders.metrics.connections().count(End.REVOKED)).isEqualTo(1);
        await().atMost(Hop.SOON) // The client sees the cut a moment before the list knows it.
                .untilAsserted(() -> assertThat(orders.connections.list())
                        .extracting(Connections.Open::peerSerial)
                        .containsExactlyInAnyOrder(another.serial(), payment.serial()));
        for (RawClient client : stay) {
            assertServed(client);
        }
    }

    @Test
    void revokedIdentityLosesEveryConnectionWhicheverItsLeaf() throws Exception {
        List<RawClient> losers = List.of(standing(web), standing(web), standing(mesh.svid(TestMesh.pathOf("web"))));
        RawClient stays = standing(payment);
        long now = System.nanoTime();
        revoke(orders, identity(web));
        for (RawClient loser : losers) {
            assertCut(loser, now);
        }
        assertServed(stays);
        assertThat(orders.metrics.connections().count(End.REVOKED)).isEqualTo(3);
    }

    @Test
    void requestUnderWayOfARevokedCallerEndsAndItsRecordSaysWhy() throws Exception {
        RawClient loser = connect(web);
        held(loser);
        long now = System.nanoTime();
        revoke(orders, identity(web));
        assertCut(loser, now);
        AuditRecord record = Hop.record(orders);
        assertThat(record.detail).isEqualTo("certificate revoked");
        assertThat(record.reason).isEqualTo("draining");
        assertThat(record.verdict).isEqualTo(AuditRecord.Verdict.ERROR);
        assertThat(record.peerSerial).isEqualTo(web.serial());
    }

    @Test
    void whoWasRevokedDoesNotComeBackAndWhoWasTakenBackDoes() throws Exception {
        standing(web);
        revoke(orders, identity(web));
        await().atMost(AT_ONCE).until(() -> orders.connections.list().isEmpty());
        assertThat(connect(web).handshake().ended().text()).isEmpty();
        await().atMost(Hop.SOON)
                .until(() -> orders.records.stream().anyMatch(record -> "certificate_revoked".equals(record.reason)));
        revoke(orders, Revocations.NONE);
        standing(web);
    }

    // ---- upstream ----

    @Test
    void pooledConnectionToARevokedServerIsNotKept() throws Exception {
        TestSidecar caller = caller();
        try (RawClient client = RawClient.plain(caller.upstream("orders"))) {
            assertServed(client);
            assertThat(caller.connections.list()).hasSize(1);
            revoke(caller, serial(orders.serial()));
            await().atMost(AT_ONCE).until(() -> caller.connections.list().isEmpty());
            assertThat(caller.metrics.connections().count(End.REVOKED)).isEqualTo(1);
            client.send(REQUEST);
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 502 ");
        }
    }

    @Test
    void requestUnderWayToARevokedServerFailsWithItsIdentityAsTheReason() throws Exception {
        TestSidecar caller = caller();
        try (RawClient client = RawClient.plain(caller.upstream("orders"))) {
            held(client);
            revoke(caller, serial(orders.serial()));
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 502 ");
            AuditRecord record = Hop.record(caller);
            assertThat(record.reason).isEqualTo("upstream_identity");
            assertThat(record.detail).isEqualTo("certificate revoked");
            assertThat(record.upstreamId).isEqualTo("spiffe://shop.example/ns/shop/sa/orders");
            assertThat(record.resends).as("it was read, perhaps acted on").isZero();
        }
    }

    // ---- bundles ----

    @Test
    void retiredRootEndsConnectionsUnderItAndARootThatComesEndsNone(@TempDir Path other) throws Exception {
        EmbeddedAuthority next = TestMesh.authority(other, mesh.trustDomain);
        RawClient first = standing(web);
        orders.publisher.publishBundles(List.of(both(next)));
        assertServed(first);
        first.close();
        await().atMost(Hop.SOON).until(() -> orders.connections.list().isEmpty());
        orders.publisher.publish(TestMesh.svid(next, mesh.trustDomain.id(TestMesh.pathOf("orders"))));
        RawClient old = connect(web, next);
        RawClient young = connect(TestMesh.svid(next, web.id()), next);
        assertServed(old);
        assertServed(young);
        orders.publisher.publishBundles(List.of(next.trustBundle()));
        assertThat(old.ended().text()).as("nothing is under way on it").isEmpty();
        assertServed(young);
        assertThat(orders.metrics.connections().count(End.REVOKED)).isZero();
    }

    @Test
    void requestUnderWayOutlivesTheRootOfItsCallerAndNoOtherFollowsIt(@TempDir Path other) throws Exception {
        EmbeddedAuthority next = TestMesh.authority(other, mesh.trustDomain);
        orders.publisher.publish(
                TestMesh.svid(next, mesh.trustDomain.id(TestMesh.pathOf("orders"))), List.of(both(next)));
        RawClient old = connect(web, next);
        held(old);
        orders.publisher.publishBundles(List.of(next.trustBundle()));
        assertThat(connect(web, next).handshake().ended().text())
                .as("the root is gone")
                .isEmpty();
        end.countDown();
        assertThat(old.ended().text()).startsWith("HTTP/1.1 200 ").containsIgnoringCase("connection: close");
        assertThat(orders.metrics.connections().count(End.UNTRUSTED)).isZero();
    }

    @Test
    void pooledConnectionUnderARetiredRootIsNotKept(@TempDir Path other) throws Exception {
        EmbeddedAuthority next = TestMesh.authority(other, mesh.trustDomain);
        TestSidecar caller = caller();
        for (TestSidecar sidecar : List.of(caller, orders)) {
            sidecar.publisher.publishBundles(List.of(both(next)));
        }
        caller.publisher.publish(TestMesh.svid(next, web.id()));
        try (RawClient client = RawClient.plain(caller.upstream("orders"))) {
            assertServed(client);
            caller.publisher.publishBundles(List.of(next.trustBundle()));
            await().atMost(AT_ONCE).until(() -> caller.connections.list().isEmpty());
            client.send(REQUEST);
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 502 ");
        }
    }

    private TrustBundle both(EmbeddedAuthority next) {
        return new TrustBundle(
                mesh.trustDomain,
                List.of(
                        mesh.authority.trustBundle().authorities().getFirst(),
                        next.trustBundle().authorities().getFirst()));
    }

    // ---- everybody else ----

    @Test
    void nobodyElseLosesAConnectionOrARequest(@TempDir Path other) throws Exception {
        TrustBundle both = both(TestMesh.authority(other, mesh.trustDomain));
        TestSidecar caller = caller();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger served = new AtomicInteger();
        List<String> failures = new CopyOnWriteArrayList<>();
        List<Thread> load = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            load.add(Thread.ofVirtual().start(() -> load(caller, stop, served, failures)));
        }
        await().atMost(Hop.SOON).until(() -> served.get() > 200);
        long connects = caller.metrics.upstreamConnects();
        for (int i = 0; i < 20; i++) {
            RawClient loser = standing(payment);
            int before = served.get();
            long now = System.nanoTime();
            revoke(orders, identity(payment));
            revoke(caller, identity(payment));
            assertCut(loser, now);
            await().atMost(Hop.SOON).until(() -> served.get() > before + 20 || !failures.isEmpty());
            for (TestSidecar sidecar : List.of(orders, caller)) {
                sidecar.publisher.publishTrust(List.of(both), Revocations.NONE);
                sidecar.publisher.publishTrust(List.of(mesh.authority.trustBundle()), Revocations.NONE);
            }
        }
        stop.set(true);
        for (Thread thread : load) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(caller.metrics.upstreamConnects()).isEqualTo(connects);
        assertThat(orders.metrics.connections().count(End.REVOKED)).isEqualTo(20);
        assertThat(caller.metrics.connections().count(End.REVOKED)).isZero();
    }

    private static void load(TestSidecar caller, AtomicBoolean stop, AtomicInteger served, List<String> failures) {
        try (RawClient client = RawClient.plain(caller.upstream("orders"))) {
            while (!stop.get()) {
                client.send(REQUEST);
                String answer = client.until("\r\n\r\nok");
                if (!answer.startsWith("HTTP/1.1 200 ")) {
                    failures.add(answer);
                }
                served.incrementAndGet();
            }
        } catch (java.io.IOException e) {
            failures.add(e.toString());
        }
    }
}
