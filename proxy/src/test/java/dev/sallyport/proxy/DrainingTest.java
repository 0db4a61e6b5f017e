package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.proxy.RawClient.Ended;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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
