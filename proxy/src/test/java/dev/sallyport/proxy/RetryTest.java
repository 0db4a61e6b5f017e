package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No request is ever done twice: it is sent again only when its server proved that it has read nothing, or when it changes nothing and its pooled connection was dead. */
@Timeout(30)
class RetryTest {
    private static final String POST = Door.head("POST /open/1", "Content-Length: 5") + "hello";

    private static Hop hop;
    private static RawApplication peer;
    private TestSidecar caller;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of());
        peer = RawApplication.tls(hop.context("orders"));
    }

    @AfterAll
    static void stop() {
        peer.close();
        hop.close();
    }

    @BeforeEach
    void call() throws Exception {
        hop.forget();
        peer.forget();
        caller = hop.webTo(peer.address());
    }

    @AfterEach
    void hangUp() {
        caller.close();
    }

    private RawClient client() throws Exception {
        return RawClient.plain(caller.upstream("orders"));
    }

    /** What the peer does on its first connection, its second one, and so on; the last goes on for ever. */
    private static void inTurn(RawApplication.Script... scripts) {
        peer.script = visit -> scripts[Math.min(peer.visits.size(), scripts.length) - 1].run(visit);
    }

    private static RawApplication.Script after(String bytes, RawApplication.Script then) {
        return visit -> {
            visit.until(bytes);
            then.run(visit);
        };
    }

    private static RawApplication.Script says(String bytes, RawApplication.Script then) {
        return visit -> {
            visit.request();
            visit.send(bytes);
            then.run(visit);
        };
    }

    private void assertRecord(String reason, int status, int resends) {
        AuditRecord record = Hop.record(caller);
        assertThat(record.reason).isEqualTo(reason);
        assertThat(record.status).isEqualTo(status);
        assertThat(record.resends).isEqualTo(resends);
        List<String> attempts = record.attempts;
        assertThat(attempts == null ? List.<String>of() : attempts)
                .as("the upstreams that did not do, with why")
                .hasSize(resends)
                .allSatisfy(
                        attempt -> assertThat(attempt).startsWith("127.0.0.1:").contains(" upstream_"));
    }

    // ---- proven unread: close_notify before any byte of a response ----

    @Test
    void requestThatWasProvablyNotReadIsSentAgainWhole() throws Exception {
        inTurn(after("hello", RawApplication.Visit::close), RawApplication.ANSWERS);
        try (RawClient client = client()) {
            assertThat(client.send(POST).until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
        }
        assertRecord("allowed", 200, 1);
        assertThat(peer.visits)
                .hasSize(2)
                .allSatisfy(visit ->
                        assertThat(visit.received()).startsWith("POST /open/1 ").endsWith("\r\n\r\nhello"));
        assertThat(peer.visits.get(0).received()).isEqualTo(peer.visits.get(1).received());
    }

    @Test
    void restOfABodyFollowsTheFirstPartThatIsSentAgain() throws Exception {
        inTurn(after("hello", RawApplication.Visit::close), RawApplication.ANSWERS);
        try (RawClient client = client()) {
            client.send(Door.head("POST /open/1", "Content-Length: 11") + "hello");
            await().atMost(Hop.SOON)
                    .until(() -> peer.visits.size() == 2
                            && peer.visits.get(1).received().endsWith("hello"));
            assertThat(client.send(" world").until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
        }
        assertThat(peer.visits.get(1).received()).endsWith("\r\n\r\nhello world");
    }

    @Test
    void serverThatNeverReadsIsAskedThreeTimes() throws Exception {
        peer.script = after("hello", RawApplication.Visit::close);
        try (RawClient client = client()) {
            assertThat(client.send(POST).until("}")).startsWith("HTTP/1.1 503 ");
        }
        assertRecord("upstream_unavailable", 503, 2);
        assertThat(peer.visits).hasSize(3);
    }

    @Test
    void bodyThatIsTooLongToKeepIsNotSentAgain() throws Exception {
        peer.script = after("the end", RawApplication.Visit::close);
        String body = "x".repeat(100_000) + "the end";
        try (RawClient client = client()) {
            client.send(Door.head("POST /open/1", "Content-Length: " + body.length()) + body);
            assertThat(client.until("}")).startsWith("HTTP/1.1 503 ");
        }
        assertRecord("upstream_unavailable", 503, 0);
        assertThat(peer.visits).hasSize(1);
    }

    // ---- perhaps read ----

    static Stream<Arguments> doubts() {
        String half = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        return Stream.of(
                Arguments.of("cut", after("\r\n\r\n", RawApplication.Visit::cut), 503),
                Arguments.of(
                        "interim response, close_notify",
                        says("HTTP/1.1 103 Early Hints\r\n\r\n", RawApplication.Visit::close),
                        502),
                Arguments.of("half a head, close_notify", says("HTTP/1.1 200", RawApplication.Visit::close), 502),
                Arguments.of("head, close_notify", says(half, RawApplication.Visit::close), 200),
                Arguments.of("nonsense", says("hello\r\n\r\n", RawApplication.Visit::close), 502));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("doubts")
    void requestThatMayHaveBeenReadIsNotSentAgain(String what, RawApplication.Script script, int status)
            throws Exception {
        String close = "Connection: close";
        for (String request : new String[] {
            Door.head("POST /open/1", close, "Content-Length: 5") + "hello", Door.head("GET /open/1", close)
        }) {
            peer.forget();
            caller.settle();
            caller.records.clear();
            peer.script = script;
            try (RawClient client = client()) {
                client.send(request).ended();
            }
            AuditRecord record = Hop.record(caller);
            assertThat(record.reason).startsWith("upstream_");
            assertThat(record.status).isEqualTo(status);
            assertThat(record.resends).isZero();
            assertThat(peer.visits).hasSize(1);
        }
    }

    // ---- a pooled connection that has died ----

    /** A first exchange, so that a connection rests in the pool; it dies as the second request arrives. */
    private void rest(RawClient client) throws Exception {
        inTurn(
                visit -> {
                    visit.request();
                    visit.send(RawApplication.OK);
                    visit.until("\r\n\r\n");
                    visit.cut();
                },
                RawApplication.ANSWERS);
        client.send(Door.head("GET /open/first")).until("\r\n\r\nok");
        await().atMost(Hop.SOON).until(() -> caller.records.size() == 1);
        caller.records.clear();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS"})
    void safeRequestOnADeadConnectionIsSentAgainOnce(String method) throws Exception {
        try (RawClient client = client()) {
            rest(client);
            client.send(Door.head(method + " /open/1"));
            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
        }
        assertRecord("allowed", 200, 1);
        assertThat(peer.visits).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"POST, 0", "POST, 5", "PUT, 0", "DELETE, 0", "PATCH, 0", "GET, 5", "OPTIONS, 5", "BREW, 0"})
    void anyOtherIsNot(String method, int body) throws Exception {
        try (RawClient client = client()) {
            rest(client);
            client.send(Door.head(method + " /open/1", "Content-Length: " + body) + "x".repeat(body));
            assertThat(client.until("}")).startsWith("HTTP/1.1 503 ");
        }
        assertRecord("upstream_unavailable", 503, 0);
        assertThat(peer.visits).hasSize(1);
    }

    @Test
    void safeRequestIsNotSentAThirdTime() throws Exception {
        try (RawClient client = client()) {
            rest(client);
            peer.script = after("\r\n\r\n", RawApplication.Visit::cut);
            client.send(Door.head("GET /open/1"));
            assertThat(client.until("}")).startsWith("HTTP/1.1 503 ");
        }
        assertRecord("upstream_unavailable", 503, 1);
        assertThat(peer.visits).hasSize(2);
    }

    /** The application speaks no TLS and proves nothing. */
    @ParameterizedTest
    @CsvSource({"GET, 200", "POST, 503"})
    void applicationThatClosedARestingConnectionIsAskedAgainOnlyForWhatIsSafe(String method, int status)
            throws Exception {
        hop.application.script = visit -> {
            visit.request();
            visit.send(RawApplication.OK);
            if (hop.application.visits.size() == 1) {
                visit.until("\r\n\r\n");
                visit.close();
            }
        };
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("GET /open/first")).until("\r\n\r\nok");
            await().atMost(Hop.SOON).until(() -> hop.orders.records.size() == 1);
            client.send(Door.head(method + " /open/1", "Content-Length: 0"));
            assertThat(client.until(status == 200 ? "\r\n\r\nok" : "}")).startsWith("HTTP/1.1 " + status + " ");
        }
        assertThat(hop.application.visits).hasSize(status == 200 ? 2 : 1);
    }

    // ---- a peer that speaks something else ----

    @Test
    void peerThatDoesNotSpeakTlsIsUnavailableAndNoConcernOfTheLog() throws Exception {
        Logger pipelines = Logger.getLogger("io.netty.channel.DefaultChannelPipeline");
        Warnings warnings = new Warnings();
        pipelines.addHandler(warnings);
        try (RawApplication plain = RawApplication.plain();
                TestSidecar lost = hop.webTo(plain.address());
                RawClient client = RawClient.plain(lost.upstream("orders"))) {
            plain.script = visit -> visit.send("HTTP/1.1 400 Bad Request\r\n\r\n");
            assertThat(client.send(POST).until("}")).startsWith("HTTP/1.1 503 ");
            assertThat(Hop.record(lost).reason).isEqualTo("upstream_unavailable");
            assertThat(plain.received()).doesNotContain("POST").doesNotContain("hello");
            assertThat(warnings.heard).isEmpty();
        } finally {
            pipelines.removeHandler(warnings);
        }
    }

    private static final class Warnings extends Handler {
        final List<String> heard = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord record) {
            heard.add(record.getMessage() + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
