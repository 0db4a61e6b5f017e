package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.proxy.opa.OpaResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A request whose rule asks OPA: it waits, and what it waited for decides. */
@Timeout(30)
class OpaFlowTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final List<Question> questions = new CopyOnWriteArrayList<>();
    private Door door;

    /** One that waits for its answer. */
    private record Question(Decision.Ask ask, Consumer<OpaResult> done) {
        String path() {
            return ask.query().path();
        }
    }

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        door = Door.open(folder, """
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: orders}
                spec:
                  service: orders
                  routes:
                    one:
                      match: [GET /one, POST /one]
                      allow: {web: {from: [web], user: none, opa: {target: main, path: shop/one, timeout: 1s}}}
                    two:
                      match: GET /two
                      allow:
                        a: {from: [web], user: none, opa: {target: main, path: shop/a, timeout: 1s}}
                        b: {from: [web], user: none, opa: {target: main, path: shop/b, timeout: 1s}}
                    plain:
                      match: GET /plain
                      allow: {web: {from: [web], user: none}}
                """);
        door.orders.opa = (ask, facts, snapshot, now, done) -> {
            Thread loop = Thread.currentThread();
            questions.add(new Question(ask, result -> door.orders.onLoop(loop, () -> done.accept(result))));
        };
    }

    @AfterEach
    void stop() {
        door.close();
    }

    private static OpaResult result(OpaAnswer answer, String detail) {
        return new OpaResult(answer, detail, Duration.ofMillis(1));
    }

    private Question question(int number) {
        await().atMost(SOON).until(() -> questions.size() >= number);
        return questions.get(number - 1);
    }

    @ParameterizedTest
    @CsvSource({"TRUE, 200, allowed", "FALSE, 403, opa_denied", "ERROR, 403, opa_error"})
    void answerDecidesAndIsOnRecord(OpaAnswer answer, int status, String reason) throws Exception {
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("GET /one", "Connection: close"));
            Question question = question(1);
            assertThat(door.application.seen).isEmpty();
            assertThat(door.orders.records).isEmpty();

            question.done().accept(result(answer, answer == OpaAnswer.ERROR ? "OPA main: late" : "true"));

            assertThat(client.rest()).startsWith("HTTP/1.1 " + status + " ");
        }
        AuditRecord record = door.record();
        assertThat(record.reason).isEqualTo(reason);
        assertThat(record.opa)
                .containsExactly(entry("main/shop/one", answer.name().toLowerCase(java.util.Locale.ROOT)));
        assertThat(record.opaDetail)
                .isEqualTo(answer == OpaAnswer.ERROR ? "OPA main: late" : answer == OpaAnswer.TRUE ? null : "true");
        assertThat(record.rule).isEqualTo(status == 200 ? "orders/one/web" : null);
        assertThat(record.nearestRule).isEqualTo(status == 200 ? null : "orders/one/web");
        assertThat(door.application.seen).hasSize(status == 200 ? 1 : 0);
    }

    @Test
    void everyRuleIsAskedForOnceUntilOneHolds() throws Exception {
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("GET /two", "Connection: close"));
            question(1).done().accept(result(OpaAnswer.FALSE, "undefined"));
            question(2).done().accept(result(OpaAnswer.TRUE, "true"));
            assertThat(client.rest()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(questions).extracting(Question::path).containsExactly("shop/a", "shop/b");
        assertThat(door.record().rule).isEqualTo("orders/two/b");
        assertThat(door.record().opa).containsExactly(entry("main/shop/a", "false"), entry("main/shop/b", "true"));
    }

    @Test
    void questionIsNotAskedForWhoIsDeniedWithoutIt() throws Exception {
        assertThat(door.ask("payment", "GET /one")).startsWith("HTTP/1.1 403 ");
        assertThat(door.ask("web", "GET /plain")).startsWith("HTTP/1.1 200 ");
        assertThat(questions).isEmpty();
    }

    @Test
    void clientThatLeftWhileOpaThoughtCausesNothing() throws Exception {
        RawClient client = door.connect("web");
        client.send(Door.head("GET /one"));
        Question question = question(1);
        client.close();
        AuditRecord record = door.record();
        assertThat(record.reason).isEqualTo("client_closed");
        assertThat(record.route).as("it was on its way to a decision").isEqualTo("orders/one");

        question.done().accept(result(OpaAnswer.TRUE, "true"));

        assertThat(door.ask("web", "GET /plain")).startsWith("HTTP/1.1 200 ");
        assertThat(door.application.seen).hasSize(1);
    }

    @Test
    void opaThatNeverAnswersIsAnErrorAndItsLateAnswerNothing() throws Exception {
        String refused = door.ask("web", "GET /one");
        assertThat(refused).startsWith("HTTP/1.1 403 ");
        AuditRecord record = door.record();
        assertThat(record.reason).isEqualTo("opa_error");
        assertThat(record.detail).isEqualTo("no answer in time, rule orders/one/web");
        assertThat(record.route).isEqualTo("orders/one");
        question(1).done().accept(result(OpaAnswer.TRUE, "true"));
        assertThat(door.ask("web", "GET /plain")).startsWith("HTTP/1.1 200 ");
        assertThat(door.application.seen).hasSize(1);
        assertThat(door.orders.records).hasSize(2);
    }

    @Test
    void answerCountsOnce() throws Exception {
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("GET /one", "Connection: close"));
            Question question = question(1);
            question.done().accept(result(OpaAnswer.FALSE, "false"));
            question.done().accept(result(OpaAnswer.TRUE, "true"));
            assertThat(client.rest()).startsWith("HTTP/1.1 403 ");
        }
        assertThat(door.record().reason).isEqualTo("opa_denied");
        assertThat(door.application.seen).isEmpty();
    }

    @Test
    void bodyWaitsWithItsRequestAndArrivesWhole() throws Exception {
        int megabyte = 1 << 20;
        String body = "x".repeat(megabyte);
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("POST /one", "content-length: " + megabyte, "Connection: close"));
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    client.send(body);
                } catch (java.io.IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            question(1).done().accept(result(OpaAnswer.TRUE, "true"));
            sender.join();
            assertThat(client.rest()).startsWith("HTTP/1.1 200 ").endsWith(body);
        }
        assertThat(door.record().requestBytes).isEqualTo(megabyte);
    }

    @Test
    void nextRequestOfTheConnectionWaitsForItsTurn() throws Exception {
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("GET /one") + Door.head("GET /plain", "Connection: close"));
            question(1).done().accept(result(OpaAnswer.TRUE, "true"));
            assertThat(client.rest().split("HTTP/1.1 200 ", -1)).hasSize(3);
        }
        assertThat(door.application.seen)
                .extracting(TestApplication.Seen::target)
                .containsExactly("/one", "/plain");
    }

    @Test
    void askerThatBreaksEndsTheRequestAndNothingElse() throws Exception {
        door.orders.opa = (ask, facts, snapshot, now, done) -> {
            throw new IllegalStateException("broken");
        };
        assertThat(door.ask("web", "GET /one")).startsWith("HTTP/1.1 500 ");
        assertThat(door.record().reason).isEqualTo("internal_error");
        assertThat(door.ask("web", "GET /plain")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void drainThatEndsFirstIsRecorded() throws Exception {
        try (RawClient client = door.connect("web")) {
            client.send(Door.head("GET /one"));
            Question question = question(1);
            door.orders.dataPath.beginDrain(Duration.ZERO);
            assertThat(door.record().reason).isEqualTo("draining");
            question.done().accept(result(OpaAnswer.TRUE, "true"));
        }
        await().atMost(SOON).until(() -> door.orders.dataPath.active() == 0);
        assertThat(door.application.seen).isEmpty();
        assertThat(door.orders.records).hasSize(1);
    }
}
