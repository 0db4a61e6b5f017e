package dev.sallyport.proxy.opa;

import static dev.sallyport.proxy.opa.Asking.query;
import static dev.sallyport.proxy.opa.Asking.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.proxy.testing.OpaServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real OPA, which is started, frozen and killed. */
@Tag("peers")
@Timeout(60)
class RealOpaTest {
    private static final String REGO = """
            package shop.payment

            import rego.v1

            default allow := false

            allow if {
                input.caller.service == "orders"
                input.request.headers["x-amount-cents"] == ["1999"]
                "finance" in input.user.roles
            }

            open if input.caller

            number := 7

            # Two values for one rule: an error of evaluation.
            torn := true if input.caller

            torn := false if input.caller

            # Some seconds of work.
            slow if {
                some i in numbers.range(1, 5000)
                some j in numbers.range(1, 5000)
                i * j == -1
            }
            """;

    /** What {@code OpaInput} would say of a charge by this service. */
    private static String charge(String caller) {
        return """
                {"input":{"caller":{"id":"spiffe://shop.example/sa/%s","service":"%s"},\
                "user":{"issuer":"shop","sub":"alice","roles":["finance"],"scopes":[],"claims":{},"iat":0},\
                "request":{"method":"POST","host":"payment","path":"/charges","headers":{"x-amount-cents":["1999"]}},\
                "path":{},"service":"payment","route":"payment/charge","rule":"payment/charge/orders",\
                "time":"2026-03-02T10:00:00Z"}}""".formatted(caller, caller);
    }

    private static OpaServer opa;
    private Asking asking;

    @BeforeAll
    static void startOpa(@TempDir Path folder) throws Exception {
        opa = OpaServer.onLoopback(folder, REGO);
    }

    @AfterAll
    static void stopOpa() {
        if (opa != null) {
            opa.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        asking = Asking.byEpoll();
    }

    @AfterEach
    void stop() {
        asking.close();
    }

    private static OpaQuery patient(String rule) {
        return query("shop/payment/" + rule, Duration.ofSeconds(10));
    }

    private OpaResult ask(String rule, String caller) throws Exception {
        return asking.ask(target(opa.address()), patient(rule), charge(caller));
    }

    private void awaitTrue() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(ask("allow", "orders").answer()).isEqualTo(OpaAnswer.TRUE));
    }

    @Test
    void allowsWhatThePolicyAllowsAndNothingElse() throws Exception {
        assertThat(ask("allow", "orders").answer()).isEqualTo(OpaAnswer.TRUE);
        assertThat(ask("allow", "web").answer()).isEqualTo(OpaAnswer.FALSE);
        assertThat(asking.ask(target(opa.address()), patient("allow"), "{\"input\":{}}")
                        .answer())
                .isEqualTo(OpaAnswer.FALSE);
    }

    @Test
    void undefinedIsNoPermission() throws Exception {
        OpaResult result = ask("nothing/of/this/name", "orders");

        assertThat(result.answer()).isEqualTo(OpaAnswer.FALSE);
        assertThat(result.detail()).isEqualTo("undefined");
    }

    @Test
    void anotherTypeThanTrueOrFalseIsAnError() throws Exception {
        assertThat(ask("number", "orders").detail())
                .isEqualTo("OPA authz: result of another type (expected: true or false)");
    }

    @Test
    void failureOfThePolicyIsAnError() throws Exception {
        assertThat(ask("torn", "orders").detail()).isEqualTo("OPA authz: status 500 (expected: 200)");
        assertThat(asking.ask(target(opa.address()), patient("allow"), "{\"input\":")
                        .detail())
                .isEqualTo("OPA authz: status 400 (expected: 200)");
    }

    @Test
    void slowPolicyIsAnErrorAtTheDeadline() throws Exception {
        assertThat(ask("allow", "orders").answer()).isEqualTo(OpaAnswer.TRUE);
        OpaResult result =
                asking.ask(target(opa.address()), query("shop/payment/slow", Duration.ofMillis(200)), charge("orders"));

        assertThat(result.detail()).isEqualTo("OPA authz: no answer within 200 ms");
        awaitTrue();
    }

    @Test
    void frozenOpaIsAnErrorAndThawedAnswersAgain() throws Exception {
        assertThat(ask("allow", "orders").answer()).isEqualTo(OpaAnswer.TRUE);
        opa.freeze();
        for (int i = 0; i < Breaker.FAILURES_MAX; i++) {
            OpaResult result = asking.ask(
                    target(opa.address()), query("shop/payment/allow", Duration.ofMillis(50)), charge("orders"));
            assertThat(result.detail()).startsWith("OPA authz: no ").endsWith(" within 50 ms");
        }
        assertThat(asking.metrics.openBreakers()).isEqualTo(1);
        opa.thaw();

        awaitTrue();
        assertThat(asking.metrics.openBreakers()).isZero();
    }

    @Test
    void killedWhileAskedIsAnErrorAndRestartedAnswersAgain() throws Exception {
        assertThat(ask("allow", "orders").answer()).isEqualTo(OpaAnswer.TRUE);
        long before = opa.received("/v1/data/shop/payment/slow");
        List<CompletableFuture<OpaResult>> asked = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            asked.add(asking.asks(target(opa.address()), patient("slow"), charge("orders")));
        }
        await().atMost(Duration.ofSeconds(9)).until(() -> opa.received("/v1/data/shop/payment/slow") - before == 4);
        assertThat(asked).noneMatch(CompletableFuture::isDone);
        opa.kill();
        for (CompletableFuture<OpaResult> question : asked) {
            assertThat(question.get(9, TimeUnit.SECONDS).detail())
                    .isIn(
                            "OPA authz: connection closed before a response",
                            "OPA authz: connection failed: Connection reset");
        }
        assertThat(ask("allow", "orders").answer()).isEqualTo(OpaAnswer.ERROR);
        opa.start();

        awaitTrue();
    }

    @Test
    void unixSocketIsAsked(@TempDir Path folder) throws Exception {
        try (OpaServer local = OpaServer.onSocket(folder, REGO)) {
            assertThat(asking.ask(target(local.address()), patient("allow"), charge("orders"))
                            .answer())
                    .isEqualTo(OpaAnswer.TRUE);
            assertThat(asking.ask(target(local.address()), patient("allow"), charge("web"))
                            .answer())
                    .isEqualTo(OpaAnswer.FALSE);
            local.kill();
            assertThat(asking.ask(target(local.address()), patient("allow"), charge("orders"))
                            .answer())
                    .isEqualTo(OpaAnswer.ERROR);
        }
    }
}
