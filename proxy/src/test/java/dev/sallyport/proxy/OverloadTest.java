package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.RawClient.Ended;
import dev.sallyport.proxy.admin.HealthPages;
import dev.sallyport.proxy.admin.PageServer;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.testing.TestLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks 85 to 89: more than a sidecar can take. New work is shed, with a word when to come again, and whoever is being served goes on. */
@Timeout(30)
class OverloadTest {
    private static Hop hop;
    /** Takes its ten seconds while the others run, with an application of its own. */
    private static CompletableFuture<String> slowest;

    private static RawApplication patient;
    private static TestSidecar trickled;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of());
        patient = RawApplication.plain();
        trickled = TestSidecar.start(hop.mesh, "orders", patient.address());
        trickled.learn();
        slowest = new CompletableFuture<>();
        Thread.ofVirtual().start(OverloadTest::sendSlowly);
    }

    @AfterAll
    static void stop() {
        trickled.close();
        patient.close();
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.application.script = RawApplication.ANSWERS;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        hop.application.forget();
    }

    private TestSidecar orders(Map<String, Object> limits) throws Exception {
        TestSidecar sidecar = TestSidecar.start(
                hop.mesh,
                "orders",
                hop.mesh.svid(TestMesh.pathOf("orders")),
                hop.application.address(),
                TestLimits.with(limits));
        sidecar.learn();
        opened.add(sidecar);
        return sidecar;
    }

    private RawClient client(TestSidecar sidecar) throws Exception {
        RawClient client = hop.to(sidecar);
        opened.add(client);
        return client;
    }

    private RawClient local(TestSidecar caller) throws Exception {
        RawClient client = RawClient.plain(caller.upstream("orders"));
        opened.add(client);
        return client;
    }

    /** The application answers nobody before the latch is open. */
    private static CountDownLatch busyApplication() {
        CountDownLatch done = new CountDownLatch(1);
        hop.application.script = visit -> {
            visit.until("GET /open/1 HTTP/1.1\r\n");
            try {
                assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            visit.until("\r\n\r\n");
            visit.send(RawApplication.OK);
            RawApplication.ANSWERS.run(visit);
        };
        return done;
    }

    // ---- connections ----

    @Test
    void connectionsBeyondTheLimitAreClosedAndTheOthersGoOn() throws Exception {
        TestSidecar sidecar = orders(Map.of("connectionsPerLoop", 2));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clients.add(client(sidecar).handshake());
        }
        await().atMost(Hop.SOON).until(() -> sidecar.connections.list().size() == 4);
        int served = 0;
        for (RawClient client : clients) {
            served += answers(client) ? 1 : 0;
        }
        assertThat(served).as("two for each of two loops").isEqualTo(4);
        clients.forEach(OverloadTest::leave);
        await().atMost(Hop.SOON).until(() -> sidecar.connections.list().isEmpty());
        assertThat(answers(client(sidecar))).as("afterwards").isTrue();
    }

    private static boolean answers(RawClient client) {
        try {
            return client.send(Door.head("GET /open/1")).until("ok").startsWith("HTTP/1.1 200 ");
        } catch (IOException closed) {
            return false;
        }
    }

    private static void leave(RawClient client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void connectionsOfTheLocalApplicationAreBoundedAsWell() throws Exception {
        TestSidecar caller = hop.webTo(Map.of("connectionsPerLoop", 2), hop.orders.inbound());
        opened.add(caller);
        int served = 0;
        for (int i = 0; i < 12; i++) {
            served += answers(local(caller)) ? 1 : 0;
        }
        assertThat(served).isEqualTo(4);
    }

    @Test
    void stormOfHandshakesIsLimitedAndWhoIsConnectedIsServed() throws Exception {
        TestSidecar sidecar = orders(Map.of("handshakesPerSecond", 4));
        RawClient before = client(sidecar);
        assertThat(answers(before)).isTrue();
        long since = System.nanoTime();
        int served = 0;
        for (int i = 0; i < 40; i++) {
            served += answers(client(sidecar)) ? 1 : 0;
            assertThat(answers(before)).isTrue();
        }
        long seconds = Duration.ofNanos(System.nanoTime() - since).toSeconds();
        assertThat(served).as("in %s s", seconds).isBetween(1, (int) (4 * (seconds + 2)));
        await().atMost(Hop.SOON).until(() -> answers(client(sidecar)));
    }

    @Test
    void connectionThatRestsTooLongIsClosedInOrder() throws Exception {
        TestSidecar sidecar = orders(Map.of("keepAlive", Duration.ofMillis(300)));
        RawClient used = client(sidecar);
        assertThat(answers(used)).isTrue();
        assertThat(client(sidecar).handshake().ended()).isEqualTo(new Ended("", false));
        assertThat(used.ended()).isEqualTo(new Ended("", false));
        assertThat(sidecar.records).hasSize(1);
    }

    // ---- requests ----

    @Test
    void requestsBeyondTheLimitAreShedAndHealthPagesAnswer() throws Exception {
        TestSidecar sidecar = orders(Map.of("requestsPerLoop", 1));
        CountDownLatch done = busyApplication();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            clients.add(client(sidecar).send(Door.head("GET /open/1")));
        }
        await().atMost(Hop.SOON).until(() -> sidecar.records.size() == 4);
        assertThat(sidecar.records).allSatisfy(record -> {
            assertThat(record.reason).isEqualTo("overloaded");
            assertThat(record.status).isEqualTo(503);
        });
        Transport side = Transport.open("side", 1);
        opened.add(side.loops()::shutdownGracefully);
        try (PageServer health =
                PageServer.bind(side, TestSidecar.anyPort(), new HealthPages(Map.of("test", () -> true)))) {
            assertThat(RawClient.plain(health.address())
                            .ask("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        }
        done.countDown();
        int shed = 0;
        for (RawClient client : clients) {
            String answer = client.until("\r\n\r\n");
            if (answer.startsWith("HTTP/1.1 503 ")) {
                assertThat(answer).contains("retry-after: 1\r\n").doesNotContain("connection: close");
                client.until("}");
                shed++;
            } else {
                assertThat(answer).startsWith("HTTP/1.1 200 ");
                client.until("ok");
            }
        }
        assertThat(shed).isEqualTo(4);
        await().atMost(Hop.SOON).until(() -> sidecar.dataPath.active() == 0);
        assertThat(clients).as("every connection is of use again").allMatch(OverloadTest::answers);
    }

    @Test
    void scarceMemorySheds() throws Exception {
        TestSidecar sidecar = orders(Map.of("memoryPercent", 0));
        RawClient client = client(sidecar);
        await().atMost(Hop.SOON).until(() -> !answers503(client).isEmpty());
        assertThat(answers503(client)).contains("retry-after: 1\r\n");
        assertThat(sidecar.records.getLast().detail).isEqualTo("memory is scarce");
    }

    private static String answers503(RawClient client) throws IOException {
        String answer = client.send(Door.head("GET /open/1")).until("\r\n\r\n");
        boolean shed = answer.startsWith("HTTP/1.1 503 ");
        client.until(shed ? "}" : "ok");
        return shed ? answer : "";
    }

    @Test
    void moreThanTheApplicationHasConnectionsForIsShed() throws Exception {
        TestSidecar sidecar = orders(Map.of("connectionsPerEndpoint", 1));
        CountDownLatch done = busyApplication();
        for (int i = 0; i < 6; i++) {
            client(sidecar).send(Door.head("GET /open/1"));
        }
        await().atMost(Hop.SOON).until(() -> sidecar.records.size() == 4);
        assertThat(sidecar.records).allMatch(record -> "overloaded".equals(record.reason) && record.status == 503);
        done.countDown();
        await().atMost(Hop.SOON).until(() -> sidecar.records.size() == 6);
    }

    @Test
    void requestThatFindsNoConnectionInTimeIsShed() throws Exception {
        RawApplication silent = RawApplication.tls(hop.context("orders")).held();
        opened.add(silent);
        TestSidecar caller = hop.webTo(Map.of("queue", Duration.ofMillis(100)), silent.address());
        opened.add(caller);
        for (int i = 0; i < 10; i++) {
            local(caller).send(Door.head("GET /open/1"));
        }
        await().atMost(Hop.SOON).until(() -> !caller.records.isEmpty());
        AuditRecord record = caller.records.getFirst();
        assertThat(record.reason).isEqualTo("overloaded");
        assertThat(record.detail).contains("free within 100 ms");
        assertThat(record.status).isEqualTo(503);
        assertThat(silent.received()).isEmpty();
    }

    // ---- slow senders ----

    @Test
    void headThatDripsIsNotWaitedForAnyLongerThanOneThatStops() throws Exception {
        TestSidecar sidecar = orders(Map.of("requestHead", Duration.ofMillis(500)));
        RawClient client = client(sidecar);
        assertThat(answers(client)).isTrue();
        client.send("GET /open/1 HTTP/1.1\r\nX: ");
        Thread sender = Thread.ofVirtual().start(() -> client.trickle(Duration.ofMillis(50)));
        assertThat(client.ended().text()).startsWith("HTTP/1.1 408 ");
        sender.interrupt();
        assertThat(sidecar.records.getLast().reason).isEqualTo("client_timeout");
    }

    private static void sendSlowly() {
        try (RawClient client = hop.to(trickled)) {
            client.socket().setSoTimeout(20_000);
            client.send(Door.head("POST /open/slow", "Content-Length: 10000"));
            Thread writer = Thread.ofVirtual().start(() -> client.trickle(Duration.ofMillis(20)));
            slowest.complete(client.until("}"));
            writer.interrupt();
        } catch (Exception e) {
            slowest.completeExceptionally(e);
        }
    }

    @Test
    void bodyThatTricklesIsRefused() throws Exception {
        assertThat(slowest.get(25, TimeUnit.SECONDS))
                .startsWith("HTTP/1.1 408 ")
                .contains("connection: close\r\n");
        AuditRecord record = Hop.record(trickled);
        assertThat(record.reason).isEqualTo("client_timeout");
        assertThat(record.detail).contains("slower than 256 bytes a second");
        assertThat(patient.received()).endsWith("xxxx");
    }

    // ---- large requests ----

    @Test
    void bodyAtTheLimitPassesAndOneMoreByteDoesNot() throws Exception {
        TestSidecar sidecar = orders(Map.of("requestBodyBytes", 1000L));
        for (boolean chunked : new boolean[] {false, true}) {
            for (int bytes : new int[] {1000, 1001}) {
                hop.application.forget();
                sidecar.settle();
                sidecar.records.clear();
                String body = "x".repeat(bytes);
                RawClient client = client(sidecar);
                client.send(
                        chunked
                                ? Door.head("POST /open/1", "Transfer-Encoding: chunked") + Integer.toHexString(bytes)
                                        + "\r\n" + body + "\r\n0\r\n\r\n"
                                : Door.head("POST /open/1", "Content-Length: " + bytes) + body);
                if (bytes == 1000) {
                    assertThat(client.until("ok")).startsWith("HTTP/1.1 200 ");
                    assertThat(Hop.record(sidecar).requestBytes).isEqualTo(1000);
                } else {
                    assertThat(client.ended().text())
                            .startsWith("HTTP/1.1 413 ")
                            .contains("connection: close\r\n");
                    assertThat(Hop.record(sidecar).reason).isEqualTo("body_too_large");
                    assertThat(hop.application.received()).doesNotContain("x".repeat(900));
                }
            }
        }
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(ints = {0, 1, 2, 3})
    void headThatIsTooLargeIsRefusedHoweverItIsMadeUp(int which) throws Exception {
        String fields = List.of(
                        "X: y\r\n".repeat(10_000),
                        "X: " + "y".repeat(1 << 20) + "\r\n",
                        "Cookie: " + "a=b; ".repeat(100_000) + "\r\n",
                        "x".repeat(1 << 20) + ": y\r\n")
                .get(which);
        for (boolean outbound : new boolean[] {false, true}) {
            TestSidecar first = outbound ? hop.web : hop.orders;
            int before = first.records.size();
            RawClient client = outbound ? hop.outbound() : hop.inbound();
            opened.add(client);
            client.send("GET /open/1 HTTP/1.1\r\nHost: orders\r\n" + fields + "\r\n");
            Ended end = client.ended();
            assertThat(end.text()).startsWith("HTTP/1.1 431 ");
            assertThat(end.cut()).as("lost to a reset").isFalse();
            await().atMost(Hop.SOON).until(() -> first.records.size() == before + 1);
            assertThat(first.records.remove(before).reason).isEqualTo("head_too_large");
        }
        assertThat(hop.application.received()).doesNotContain("GET /open/1");
    }
}
