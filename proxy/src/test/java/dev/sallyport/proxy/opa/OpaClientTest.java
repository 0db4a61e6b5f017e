package dev.sallyport.proxy.opa;

import static dev.sallyport.proxy.opa.Asking.query;
import static dev.sallyport.proxy.opa.Asking.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class OpaClientTest {
    private static final String INPUT = "{\"input\":{}}";
    private static final OpaQuery PATIENT = query("shop/payment/allow", Duration.ofSeconds(5));
    private static final OpaQuery BRIEF = query("shop/payment/allow", Duration.ofMillis(200));
    private static final String TRUE = FakeOpa.response("200 OK", "application/json", "{\"result\":true}");

    private Asking asking;
    private FakeOpa opa;

    @BeforeEach
    void start() throws Exception {
        asking = Asking.byEpoll();
        opa = FakeOpa.onLoopback();
    }

    @AfterEach
    void stop() throws IOException {
        asking.close();
        opa.close();
    }

    private OpaResult ask() throws Exception {
        return asking.ask(opa.address());
    }

    private static void assertError(OpaResult result, String detail) {
        assertThat(result.answer()).isEqualTo(OpaAnswer.ERROR);
        assertThat(result.detail()).isEqualTo("OPA authz: " + detail);
    }

    @Test
    void questionIsOnePostToTheDataApi() throws Exception {
        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);

        Mesh.OpaAddress.Loopback address = (Mesh.OpaAddress.Loopback) opa.address();
        assertThat(opa.questions)
                .containsExactly("POST /v1/data/shop/payment/allow HTTP/1.1\r\n"
                        + "host: " + address.address() + "\r\n"
                        + "content-type: application/json\r\n"
                        + "content-length: 12\r\n"
                        + "\r\n"
                        + INPUT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"result\":true} | TRUE | true",
                "{\"result\":false} | FALSE | false",
                "{} | FALSE | undefined",
                "{\"result\":1} | ERROR | OPA authz: result of another type (expected: true or false)",
                "{\"result\":false,\"result\":true} | ERROR | OPA authz: no strict JSON (expected: one object)",
            })
    void answerIsWhatTheBodySays(String body, OpaAnswer answer, String detail) throws Exception {
        opa.behaviour = FakeOpa.answering(body);
        OpaResult result = ask();

        assertThat(result.answer()).isEqualTo(answer);
        assertThat(result.detail()).isEqualTo(detail);
        assertThat(result.took()).isBetween(Duration.ofNanos(1), Duration.ofSeconds(5));
        assertThat(asking.metrics.answers(answer)).isEqualTo(1);
    }

    @Test
    void everyQuestionIsAskedAndTheConnectionIsKept() throws Exception {
        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);
        opa.behaviour = FakeOpa.answering("{\"result\":false}");
        assertThat(ask().answer()).isEqualTo(OpaAnswer.FALSE);
        opa.behaviour = FakeOpa.raw(FakeOpa.response("500 Internal Server Error", "application/json", "{}"));
        assertError(ask(), "status 500 (expected: 200)");

        assertThat(opa.questions).hasSize(3);
        assertThat(opa.connections).hasValue(1);
    }

    @Test
    void answerMayComeInChunks() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        opa.behaviour = FakeOpa.raw(head + "8\r\n{\"result\r\n7\r\n\":true}\r\n0\r\n\r\n");

        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);
    }

    @Test
    void silentOpaIsAnErrorAtTheDeadline() throws Exception {
        ask(); // A connection is open.
        opa.behaviour = FakeOpa.silent();
        OpaResult result = asking.ask(target(opa.address()), BRIEF, INPUT);

        assertError(result, "no answer within 200 ms");
        assertThat(result.took()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(5));
    }

    @Test
    void lateAnswerMeetsNoOtherQuestion() throws Exception {
        ask(); // A connection is open.
        CompletableFuture<Void> asked = new CompletableFuture<>();
        opa.behaviour = out -> {
            asked.get();
            FakeOpa.raw(TRUE).answer(out);
        };
        assertError(asking.ask(target(opa.address()), BRIEF, INPUT), "no answer within 200 ms");
        opa.behaviour = FakeOpa.answering("{\"result\":false}");
        assertThat(ask().answer()).as("before the late answer").isEqualTo(OpaAnswer.FALSE);
        asked.complete(null);

        assertThat(ask().answer()).as("after it").isEqualTo(OpaAnswer.FALSE);
        assertThat(opa.connections).hasValue(2);
        assertThat(asking.results).hasValue(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Ty",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"result\":true}",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"result\":tru",
                "",
            })
    void halfAnswerIsAnErrorWhetherTheOtherHalfIsLateOrLost(String half) throws Exception {
        opa.behaviour = FakeOpa.dying(half);
        assertThat(ask().answer()).isEqualTo(OpaAnswer.ERROR);
        opa.behaviour = out -> {
            FakeOpa.raw(half).answer(out);
            FakeOpa.silent().answer(out);
        };
        assertThat(asking.ask(target(opa.address()), BRIEF, INPUT).detail()).endsWith(" within 200 ms");

        assertThat(opa.questions).as("nothing is repeated").hasSizeLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 15\n\n{\"result\":true}",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\nContent-Length: 15\r\n\r\n"
                        + "{\"result\":true}",
                "HTTP/1.1 200 OK\r\nContent-Type : application/json\r\nContent-Length: 15\r\n\r\n{\"result\":true}",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n{\"result\":true}",
                "{\"result\":true}\r\n\r\n",
            })
    void framingThatTwoParsersReadDifferentlyIsAnError(String bytes) throws Exception {
        opa.behaviour = FakeOpa.raw(bytes);

        assertThat(ask().detail()).startsWith("OPA authz: response: ");
    }

    @Test
    void answerIsBounded() throws Exception {
        int space = Answer.BYTES_MAX - "{\"result\":true}".length();
        opa.behaviour = FakeOpa.answering("{\"result\":true}" + " ".repeat(space));
        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);
        opa.behaviour = FakeOpa.answering("{\"result\":true}" + " ".repeat(space + 1));

        assertError(ask(), "more than 65536 bytes");
    }

    @Test
    void largestInputArrivesWhole() throws Exception {
        String input = "{\"input\":\"" + "x".repeat(64 * 1024 - 12) + "\"}";
        assertThat(asking.ask(target(opa.address()), PATIENT, input).answer()).isEqualTo(OpaAnswer.TRUE);

        assertThat(opa.questions.getFirst()).endsWith("\r\n\r\n" + input);
    }

    @Test
    void nobodyThereIsAnError() throws Exception {
        Mesh.OpaAddress address = opa.address();
        opa.close();
        OpaResult result = asking.ask(address);

        assertThat(result.answer()).isEqualTo(OpaAnswer.ERROR);
        assertThat(result.detail())
                .startsWith("OPA authz: connect to 127.0.0.1:")
                .doesNotContain("\n");
    }

    @Test
    void connectionThatDiedIdleIsReplaced() throws Exception {
        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);
        opa.cut();
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE));

        assertThat(opa.connections).hasValue(2);
    }

    @Test
    void questionsBeyondTheBoundAreRefusedAtOnce() throws Exception {
        Mesh.OpaTarget two = target(opa.address(), 2);
        CompletableFuture<Void> released = new CompletableFuture<>();
        opa.behaviour = out -> {
            released.get();
            FakeOpa.raw(TRUE).answer(out);
        };
        List<CompletableFuture<OpaResult>> first = new ArrayList<>();
        first.add(asking.asks(two, PATIENT, INPUT));
        first.add(asking.asks(two, PATIENT, INPUT));
        assertError(asking.ask(two, PATIENT, INPUT), "2 questions under way (expected: at most 2)");
        assertThat(first).noneMatch(CompletableFuture::isDone);
        released.complete(null);

        for (CompletableFuture<OpaResult> under : first) {
            assertThat(under.get(5, TimeUnit.SECONDS).answer()).isEqualTo(OpaAnswer.TRUE);
        }
        assertThat(asking.ask(two, PATIENT, INPUT).answer()).isEqualTo(OpaAnswer.TRUE);
        assertThat(opa.questions).hasSize(3);
    }

    @Test
    void opaThatDoesNotAnswerIsNotAskedForAWhileThenProbed() throws Exception {
        opa.behaviour = FakeOpa.silent();
        for (int i = 0; i < Breaker.FAILURES_MAX; i++) {
            assertThat(asking.ask(target(opa.address()), BRIEF, INPUT).detail()).endsWith(" within 200 ms");
        }
        int asked = opa.questions.size();
        asking.aheadNanos.addAndGet(-Duration.ofMinutes(1).toNanos()); // However slow the test is.
        OpaResult refused = asking.ask(target(opa.address()), PATIENT, INPUT);
        assertError(refused, "not asked: its last questions failed");
        assertThat(refused.took()).isLessThan(Duration.ofSeconds(5));
        assertThat(opa.questions).hasSize(asked);
        assertThat(asking.metrics.openBreakers()).isEqualTo(1);

        asking.aheadNanos.addAndGet(Duration.ofMinutes(2).toNanos());
        opa.behaviour = FakeOpa.answering("{\"result\":true}");
        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);
        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);
        assertThat(asking.metrics.openBreakers()).isZero();
    }

    @Test
    void wholeAnswerOfAnyKindKeepsTheWayOpenForOtherRules() throws Exception {
        opa.behaviour = FakeOpa.raw(FakeOpa.response("500 Internal Server Error", "application/json", "{}"));
        for (int i = 0; i < 2 * Breaker.FAILURES_MAX; i++) {
            assertError(ask(), "status 500 (expected: 200)");
        }
        opa.behaviour = FakeOpa.answering("{\"result\":true}");

        assertThat(ask().answer()).isEqualTo(OpaAnswer.TRUE);
    }

    @Test
    void oneOpaThatDoesNotAnswerSaysNothingOfAnother() throws Exception {
        try (FakeOpa other = FakeOpa.onLoopback()) {
            opa.behaviour = FakeOpa.dying("");
            for (int i = 0; i < Breaker.FAILURES_MAX + 1; i++) {
                assertThat(ask().answer()).isEqualTo(OpaAnswer.ERROR);
            }

            assertThat(asking.ask(other.address()).answer()).isEqualTo(OpaAnswer.TRUE);
        }
    }

    @Test
    void unixSocketIsAsked(@TempDir Path folder) throws Exception {
        try (FakeOpa local = FakeOpa.onSocket(folder.resolve("opa.sock"))) {
            assertThat(asking.ask(local.address()).answer()).isEqualTo(OpaAnswer.TRUE);
            assertThat(asking.ask(local.address()).answer()).isEqualTo(OpaAnswer.TRUE);

            assertThat(local.questions.getFirst()).contains("\r\nhost: localhost\r\n");
            assertThat(local.connections).hasValue(1);
        }
    }

    @Test
    void missingUnixSocketIsAnError(@TempDir Path folder) throws Exception {
        OpaResult result = asking.ask(
                new Mesh.OpaAddress.UnixSocket(folder.resolve("opa.sock").toString()));

        assertThat(result.answer()).isEqualTo(OpaAnswer.ERROR);
        assertThat(result.detail()).startsWith("OPA authz: connect to unix:" + folder);
    }

    @Test
    void withoutEpollTheReasonIsSaid() throws Exception {
        try (Asking nio = Asking.byNio()) {
            assertError(
                    nio.ask(new Mesh.OpaAddress.UnixSocket("/run/opa.sock")),
                    "connect to unix:/run/opa.sock: no native sockets (expected: Linux, and Netty's native transport)");
            assertThat(nio.ask(opa.address()).answer()).isEqualTo(OpaAnswer.TRUE);
        }
    }

    @Test
    void serviceThatNobodyServesIsAnError() throws Exception {
        assertError(
                asking.ask(new Mesh.OpaAddress.InMesh("opa", 8181)),
                "no endpoint (expected: a service of the Mesh that runs)");
    }

    @Test
    void everyQuestionEndsOnce() throws Exception {
        Mesh.OpaAddress nobody = new Mesh.OpaAddress.Loopback(new HostPort("127.0.0.1", 1));
        List<FakeOpa.Behaviour> behaviours = List.of(
                FakeOpa.silent(),
                FakeOpa.dying("HTTP/1.1 200 OK\r\n"),
                FakeOpa.answering("{}"),
                FakeOpa.raw(TRUE + TRUE),
                FakeOpa.raw("nonsense\r\n\r\n"));
        int asked = 0;
        for (FakeOpa.Behaviour behaviour : behaviours) {
            opa.behaviour = behaviour;
            asking.ask(target(opa.address()), BRIEF, INPUT);
            asking.ask(target(nobody), BRIEF, INPUT);
            asked += 2;
        }
        opa.cut();
        asking.ask(target(nobody), BRIEF, INPUT);

        assertThat(asking.results).hasValue(asked + 1);
        assertThat(asking.metrics.answers(OpaAnswer.ERROR)
                        + asking.metrics.answers(OpaAnswer.FALSE)
                        + asking.metrics.answers(OpaAnswer.TRUE))
                .isEqualTo(asked + 1);
    }
}
