package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditLog.Outcome;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Phase;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.proxy.FakeAudit.Disk;
import dev.sallyport.proxy.FakeAudit.Intent;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.testing.TestLimits;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a request of a route is forwarded, and its response relayed, measured by its record. */
@Timeout(30)
class AuditModeTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    /** How long nothing must come before we believe that nothing does. */
    private static final int QUIET_MILLIS = 200;

    private static final int MEGABYTE = 1 << 20;

    private static Door door;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        door = Door.open(folder, """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: orders}
                spec:
                  service: orders
                  routes:
                    required:
                      match: [POST /required, GET /required]
                      audit: required
                      allow: {web: {from: [web], user: none}}
                    overlapped:
                      match: GET /overlapped
                      audit: overlapped
                      allow: {web: {from: [web], user: none}}
                    buffered:
                      match: GET /buffered
                      allow: {web: {from: [web], user: none}}
                """, quick());
    }

    /** As the standard, and a disk that hangs is one that failed after half a second. */
    private static Limits quick() throws ReflectiveOperationException {
        return TestLimits.with(Map.of("auditRecord", Duration.ofMillis(700)));
    }

    @AfterAll
    static void stop() {
        door.close();
    }

    @BeforeEach
    void forget() throws Exception {
        door.forget();
    }

    private static Intent intent() {
        await().atMost(SOON).until(() -> !door.orders.audit.intents.isEmpty());
        assertThat(door.orders.audit.intents).hasSize(1);
        return door.orders.audit.intents.getFirst();
    }

    private static void quiet(RawClient client) throws Exception {
        client.socket().setSoTimeout(QUIET_MILLIS);
        assertThatThrownBy(() -> client.until("HTTP")).isInstanceOf(SocketTimeoutException.class);
        client.socket().setSoTimeout((int) SOON.toMillis());
    }

    @Test
    void requiredRouteForwardsNothingBeforeItsIntentIsDurable() throws Exception {
        door.orders.audit.disk = Disk.HANGS;
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("POST /required", "content-length: 5") + "hello");
            Intent intent = intent();
            quiet(client);
            assertThat(door.application.seen).isEmpty();
            assertThat(door.orders.records).isEmpty();

            intent.disk().accept(Outcome.DURABLE);

            assertThat(client.until("hello")).startsWith("HTTP/1.1 200 ");
            AuditRecord record = door.record();
            assertThat(intent.phase()).isEqualTo(Phase.INTENT);
            assertThat(intent.verdict()).isEqualTo(Verdict.ALLOW);
            assertThat(intent.rule()).isEqualTo("orders/required/web");
            assertThat(record.phase).isEqualTo(Phase.OUTCOME);
            assertThat(record.id).isEqualTo(intent.id());
            assertThat(record.traceId).isEqualTo(intent.traceId()).isNotNull();
            assertThat(record.reason).isEqualTo("allowed");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Disk.class,
            names = {"IS_FULL", "FAILS", "HANGS"})
    void withoutADurableIntentARequiredRouteIsUnavailable(Disk disk) throws Exception {
        door.orders.audit.disk = disk;
        assertThat(door.ask("web", "POST /required", "content-length: 0")).startsWith("HTTP/1.1 503 ");
        AuditRecord record = door.record();
        assertThat(record.reason).isEqualTo("audit_unavailable");
        assertThat(record.verdict).isEqualTo(Verdict.DENY);
        assertThat(record.phase).isEqualTo(disk == Disk.IS_FULL ? null : Phase.OUTCOME);
        assertThat(record.traceId).hasSize(32);
        intent().disk().accept(Outcome.DURABLE);
        door.orders.audit.disk = Disk.WRITES;
        door.ask("web", "GET /buffered");
        assertThat(door.application.seen)
                .as("a word that comes late forwards nothing")
                .extracting(TestApplication.Seen::target)
                .containsExactly("/buffered");
    }

    @Test
    void clientThatLeftWhileTheDiskWroteCausesNothing() throws Exception {
        door.orders.audit.disk = Disk.HANGS;
        RawClient client = door.connect("web");
        client.send(Door.head("GET /required"));
        Intent intent = intent();
        client.close();
        assertThat(door.record().reason).isEqualTo("client_closed");
        intent.disk().accept(Outcome.DURABLE);
        door.orders.audit.disk = Disk.WRITES;
        assertThat(door.ask("web", "GET /buffered")).startsWith("HTTP/1.1 200 ");
        assertThat(door.application.seen).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"POST /required, 403", "GET /nowhere, 403"})
    void whatIsDeniedHasNoIntent(String requestLine, int status) throws Exception {
        assertThat(door.ask("payment", requestLine, "content-length: 0")).startsWith("HTTP/1.1 " + status);
        assertThat(door.record().phase).isNull();
        assertThat(door.orders.audit.intents).isEmpty();
    }

    @Test
    void bufferedRouteHasOneRecordAndNoIntentAndCaresForNoDisk() throws Exception {
        door.orders.audit.disk = Disk.IS_FULL;
        assertThat(door.ask("web", "GET /buffered")).startsWith("HTTP/1.1 200 ");
        assertThat(door.record().phase).isNull();
        assertThat(door.orders.audit.intents).isEmpty();
    }

    @Test
    void bodyThatCameWhileTheDiskWroteArrivesWhole() throws Exception {
        door.orders.audit.disk = Disk.HANGS;
        String body = "x".repeat(MEGABYTE);
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("POST /required", "content-length: " + MEGABYTE, "Connection: close"));
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    client.send(body);
                } catch (java.io.IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            intent().disk().accept(Outcome.DURABLE);
            sender.join();
            assertThat(client.rest()).startsWith("HTTP/1.1 200 ").endsWith(body);
        }
        assertThat(door.record().requestBytes).isEqualTo(MEGABYTE);
    }

    @Test
    void overlappedRouteForwardsAtOnceAndAnswersWhenItsRecordIsDurable() throws Exception {
        door.orders.audit.disk = Disk.HANGS;
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("GET /overlapped"));
            await().atMost(SOON).until(() -> door.application.seen.size() == 1);
            quiet(client);
            assertThat(door.orders.records).isEmpty();

            intent().disk().accept(Outcome.DURABLE);

            assertThat(client.until("\r\n\r\n")).startsWith("HTTP/1.1 200 ").containsIgnoringCase("x-echo: yes");
            assertThat(door.record().id).isEqualTo(intent().id());
            assertThat(door.record().phase).isEqualTo(Phase.OUTCOME);
            door.forget();
            assertThat(client.send(Door.head("GET /overlapped")).until("\r\n\r\n"))
                    .as("the next one on this connection")
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest(name = "application closes: {0}")
    @ValueSource(booleans = {false, true})
    void heldResponseArrivesWhole(boolean closes) throws Exception {
        door.application.answer = exchange -> {
            byte[] body = "y".repeat(MEGABYTE).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            if (closes) {
                exchange.getResponseHeaders().set("Connection", "close");
            }
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        };
        door.orders.audit.disk = Disk.HANGS;
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("GET /overlapped", "Connection: close"));
            await().atMost(SOON).until(() -> door.application.seen.size() == 1);
            quiet(client);
            intent().disk().accept(Outcome.DURABLE);
            assertThat(client.rest()).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n" + "y".repeat(MEGABYTE));
        }
        assertThat(door.record().responseBytes).isEqualTo(MEGABYTE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Disk.class,
            names = {"IS_FULL", "FAILS", "HANGS"})
    void withoutADurableRecordAnOverlappedResponseNeverLeaves(Disk disk) throws Exception {
        door.orders.audit.disk = disk;
        String answer = door.ask("web", "GET /overlapped");
        assertThat(answer).startsWith("HTTP/1.1 503 ").doesNotContainIgnoringCase("x-echo");
        AuditRecord record = door.record();
        assertThat(record.reason).isEqualTo("audit_unavailable");
        assertThat(record.status).isEqualTo(503);
        assertThat(door.application.seen).hasSizeLessThanOrEqualTo(1);
        intent().disk().accept(Outcome.DURABLE);
        door.orders.audit.disk = Disk.WRITES;
        assertThat(door.ask("web", "GET /buffered")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void applicationThatDiesWithinAHeldResponseIsNotAskedAgain() throws Exception {
        door.application.answer = exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            throw new java.io.IOException("dies");
        };
        door.orders.audit.disk = Disk.HANGS;
        assertThat(door.ask("web", "GET /overlapped")).startsWith("HTTP/1.1 503 ");
        assertThat(door.record().reason).isEqualTo("audit_unavailable");
        assertThat(door.application.seen).hasSize(1);
    }
}
