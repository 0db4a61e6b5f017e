package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.proxy.RawClient.Ended;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the traffic of a sidecar ends: in order as long as there is time, and then at once, with everything on record. */
@Timeout(30)
class DrainingTest {
    private static Hop hop;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of());
    }

    @AfterAll
    static void stop() {
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.forget();
    }

    private TestSidecar leaving() throws Exception {
        TestSidecar sidecar = TestSidecar.start(hop.mesh, "orders", hop.application.address());
        sidecar.learn();
        return sidecar;
    }

    /** The application answers nobody before the latch is open. */
    private static CountDownLatch busyApplication() {
        CountDownLatch done = new CountDownLatch(1);
        hop.application.script = visit -> {
            String request = visit.until("\r\n\r\n");
            if (request.startsWith("GET /open/begun")) {
                visit.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            }
            try {
                assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            visit.send(request.startsWith("GET /open/begun") ? "world" : RawApplication.OK);
        };
        return done;
    }

    private static void awaitApplication(String... requests) {
        await().atMost(Hop.SOON)
                .untilAsserted(() -> assertThat(hop.application.received()).contains(requests));
    }

    @Test
    void whatIsUnderWayEndsInOrderAndNothingNewBegins() throws Exception {
        CountDownLatch done = busyApplication();
        try (TestSidecar leaving = leaving();
                RawClient idle = hop.to(leaving).handshake();
                RawClient waiting = hop.to(leaving);
                RawClient begun = hop.to(leaving);
                RawClient sending = hop.to(leaving);
                RawClient arriving = hop.to(leaving)) {
            waiting.send(Door.head("GET /open/waiting") + Door.head("GET /open/next"));
            begun.send(Door.head("GET /open/begun")).until("hello");
            sending.send(Door.head("POST /open/sending", "Content-Length: 5") + "hel");
            arriving.send("GET /open/arriving HTTP/1.1\r\n");
            awaitApplication("GET /open/waiting ", "POST /open/sending ");
            await().atMost(Hop.SOON).until(() -> leaving.connections.list().size() == 5);
            leaving.settle();

            leaving.dataPath.beginDrain(Duration.ofSeconds(10));

            assertThat(idle.ended()).isEqualTo(new Ended("", false));
            await().atMost(Hop.SOON).until(() -> refusesConnections(leaving));
            sending.send("lo");
            arriving.send("Host: orders\r\n\r\n");
            awaitApplication("GET /open/arriving ", "\r\n\r\nhello");
            assertThat(leaving.dataPath.active()).isEqualTo(4);
            done.countDown();
            for (RawClient client : List.of(waiting, sending, arriving)) {
                Ended end = client.ended();
                assertThat(end.text())
                        .startsWith("HTTP/1.1 200 ")
                        .contains("connection: close\r\n")
                        .endsWith("ok");
                assertThat(end.cut()).isFalse();
            }
            assertThat(begun.ended()).isEqualTo(new Ended("world", false));
            await().atMost(Hop.SOON).until(() -> leaving.dataPath.active() == 0);
            assertThat(leaving.records).hasSize(4).allMatch(record -> "allowed".equals(record.reason));
            assertThat(hop.application.received()).doesNotContain("/open/next");
        }
    }

    private static boolean refusesConnections(TestSidecar sidecar) throws IOException {
        try {
            RawClient.plain(sidecar.inbound()).close();
            return false;
        } catch (ConnectException refused) {
            return true;
        }
    }

    @Test
    void localApplicationMakesItsLastCallsUntilTheDeadline() throws Exception {
        try (TestSidecar caller = hop.webTo(hop.orders.inbound());
                RawClient before = RawClient.plain(caller.upstream("orders"))) {
            before.send(Door.head("GET /open/1")).until("\r\n\r\nok");
            caller.dataPath.beginDrain(Duration.ofMillis(700));
            await().atMost(Hop.SOON).until(() -> refusesConnections(caller));
            before.send(Door.head("POST /open/2", "Content-Length: 0")).until("\r\n\r\nok");
            try (RawClient late = RawClient.plain(caller.upstream("orders"))) {
                assertThat(late.send(Door.head("POST /open/3", "Content-Length: 0"))
                                .until("\r\n\r\nok"))
                        .doesNotContain("connection: close");
                assertThat(late.ended().text()).as("at the deadline").isEmpty();
            }
            assertThat(before.ended().text()).isEmpty();
            assertThat(caller.records).hasSize(3).allMatch(record -> "allowed".equals(record.reason));
        }
    }

    /** A rolling restart: whoever calls finds the other one, and no call is lost or made twice. */
    @Test
    void callersOfASidecarThatLeavesLoseNothing() throws Exception {
        try (TestSidecar leaving = leaving();
                TestSidecar staying = leaving();
                TestSidecar caller = hop.webTo(leaving.inbound(), staying.inbound())) {
            for (int i = 0; i < 200; i++) {
                if (i == 100) {
                    leaving.dataPath.beginDrain(Duration.ofSeconds(10));
                }
                try (RawClient client = RawClient.plain(caller.upstream("orders"))) {
                    client.send(Door.head("POST /open/" + i, "Content-Length: 2") + "hi");
                    assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
                }
            }
            await().atMost(Hop.SOON).until(() -> leaving.connections.list().isEmpty());
            assertThat(leaving.records).isNotEmpty();
            await().atMost(Hop.SOON).until(() -> leaving.records.size() + staying.records.size() == 200);
        }
    }

    @ParameterizedTest(name = "at a deadline: {0}")
    @ValueSource(booleans = {false, true})
    void shutdownEndsEveryExchangeInEveryStateAndPutsItOnRecord(boolean deadline) throws Exception {
        hop.application.script = visit -> {
            if (visit.until("\r\n\r\n").startsWith("GET /open/answered")) {
                visit.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            }
        };
        try (TestSidecar doomed = TestSidecar.start(hop.mesh, "orders", hop.application.address());
                SlowPeer slow = new SlowPeer(hop);
                RawClient idle = hop.to(doomed);
                RawClient late = hop.to(doomed);
                RawClient deciding = hop.to(doomed);
                RawClient connecting = slow.client();
                RawClient waiting = hop.to(doomed);
                RawClient answered = hop.to(doomed)) {
            doomed.learn();
            idle.handshake();
            await().atMost(Hop.SOON).until(() -> doomed.connections.list().size() == 1);
            doomed.audit.disk = FakeAudit.Disk.HANGS;
            deciding.send(Door.head("GET /required"));
            await().atMost(Hop.SOON).until(() -> !doomed.audit.intents.isEmpty());
            connecting.send("GET /open/connecting HTTP/1.1\r\nHost: x\r\n\r\n");
            slow.awaitConnection();
            waiting.send(Door.head("GET /open/waiting"));
            answered.send(Door.head("GET /open/answered")).until("hello\r\n");
            await().atMost(Hop.SOON).until(() -> hop.application.received().contains("GET /open/waiting"));

            if (deadline) {
                doomed.dataPath.beginDrain(Duration.ofMillis(100));
                slow.caller.dataPath.beginDrain(Duration.ofMillis(100));
            } else {
                doomed.dataPath.close();
                slow.caller.dataPath.close();
                assertThat(doomed.records).as("before close returned").hasSize(3);
            }

            Map.of("deciding", deciding, "connecting", connecting, "waiting", waiting, "answered", answered)
                    .forEach((state, client) ->
                            assertThat(client.ended()).as(state).isEqualTo(new Ended("", true)));
            assertThat(idle.ended().text()).isEmpty();
            assertThat(sendAndHear(late))
                    .as("its handshake comes after the end")
                    .isEmpty();
            await().atMost(Hop.SOON).until(() -> doomed.dataPath.active() == 0);
            assertThat(doomed.records).hasSize(3).allMatch(record -> "draining".equals(record.reason));
            assertThat(Hop.record(slow.caller).reason).isEqualTo("draining");
            await().atMost(Hop.SOON).until(() -> hop.application.visits.stream().allMatch(RawApplication.Visit::ended));
            assertThat(hop.application.received()).doesNotContain("/required");
            slow.handshake();
            assertThat(slow.peer.received()).isEmpty();
        }
    }

    private static String sendAndHear(RawClient client) {
        try {
            client.send(Door.head("GET /open/late"));
        } catch (java.io.IOException cut) {
            return "";
        }
        return client.ended().text();
    }
}
