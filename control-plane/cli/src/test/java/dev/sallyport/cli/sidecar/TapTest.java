package dev.sallyport.cli.sidecar;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.cli.Cli;
import dev.sallyport.cli.testing.FakeAdmin;
import dev.sallyport.cli.testing.Ran;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TapTest {
    private static final String DENIED =
            "{\"start_time\":\"2026-03-02T10:14:07.113Z\",\"method\":\"POST\",\"path\":\"/charges/…\",\"response_code\":403,\"duration\":0.4,"
                    + "\"decision_id\":\"01JZ8Q4T\",\"policy\":\"payment\",\"rule\":\"charge/orders\",\"reason\":\"condition_false\",\"user_agent\":\"curl/8\","
                    + "\"source_principal\":\"spiffe://shop.example/sa/orders\",\"direction\":\"inbound\",\"trace_id\":\"4bf9\",\"response_flags\":\"UAEX\"}";
    private static final String LINE =
            "10:14:07.113 orders→payment POST /charges/… 403 condition_false rule=charge/orders 0.4ms tls=mutual id=01JZ8Q4T";

    @TempDir
    private Path folder;

    private FakeAdmin payment;

    @BeforeEach
    void start() throws Exception {
        payment = FakeAdmin.start();
        payment.describe(folder.resolve("payment"));
    }

    @AfterEach
    void stop() throws Exception {
        payment.close();
    }

    @Test
    void decisionIsOneLine() {
        payment.tap(FakeAdmin::forever, DENIED);
        Ran ran = tap("payment", "--count", "1").held();
        assertThat(ran.out()).isEqualTo(LINE + "\n");
        assertThat(ran.err()).contains("following payment at " + payment.address(), "1 decision\n");
    }

    @Test
    void wideSaysMoreAndJsonIsTheSidecarsOwnWordInAscii() {
        payment.tap(FakeAdmin::forever, DENIED);
        assertThat(tap("--count", "1", "-o", "wide").held().out())
                .contains(
                        "tls=mutual caller=spiffe://shop.example/sa/orders policy=payment flags=UAEX trace=4bf9 agent=curl/8 id=01JZ8Q4T");
        Ran ran = tap("--count", "1", "-o", "json").held();
        assertThat(ran.out()).matches("[ -~]+\n");
        assertThat(ran.json().path("path").asText()).isEqualTo("/charges/…");
    }

    @Test
    void filtersGoToTheSidecar() {
        payment.tap(FakeAdmin::forever, DENIED);
        tap("--denied", "--caller", "spiffe://shop.example/sa/a&b", "--route", "charge", "--rate", "7", "--count", "1")
                .held();
        tap("--count", "1").held();
        assertThat(payment.requests)
                .containsExactly(
                        "GET /tap?denied=true&service-route=charge&caller=spiffe%3A%2F%2Fshop.example%2Fsa%2Fa%26b&perSecond=7",
                        "GET /tap?perSecond=100");
    }

    @Test
    void skippedLinesAreSaid() {
        payment.tap(FakeAdmin::forever, "{\"skipped\":240}", DENIED);
        Ran ran = tap("--count", "1").held();
        assertThat(ran.out()).isEqualTo(LINE + "\n");
        assertThat(ran.err()).contains("240 skipped in a second", "--rate", "1 decision, 240 more skipped");
    }

    @Test
    void outboundAndUnknownCallersAreTold() {
        payment.tap(
                FakeAdmin::forever,
                "{\"direction\":\"outbound\",\"authority\":\"ledger\",\"reason\":\"allowed\",\"response_code\":200,\"duration\":3}",
                "{\"direction\":\"outbound\",\"authority\":\"127.0.0.1:9\",\"upstream_host\":\"10.0.0.7:15006\",\"reason\":\"allowed\",\"response_code\":200,\"duration\":3}",
                "{\"direction\":\"inbound\",\"reason\":\"peer_untrusted\"}");
        assertThat(tap("--count", "3").held().out())
                .contains(
                        "- payment→ledger - - 200 allowed 3ms\n",
                        "- payment→10.0.0.7:15006 - - 200 allowed 3ms\n",
                        "- ?→payment - - - peer_untrusted 0ms tls=none\n");
    }

    @Test
    void whatAClientWroteNeitherMovesTheCursorNorBeginsAWord() throws Exception {
        payment.tap(
                FakeAdmin::forever,
                "{\"path\":\"/\\u001b[2J\\n10:00 x\\u202e rule=all\",\"method\":\"GET\\r\",\"user_agent\":\"a rule=forged\\u0000\",\"reason\":\"allowed\"}");
        String line = tap("--count", "1", "-o", "wide").held().out();
        assertThat(line.lines()).hasSize(1);
        assertThat(line)
                .doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\u202e]")
                .doesNotContain(" rule=");
        assertThat(tap("--count", "1", "-o", "json").held().out()).matches("[ -~]+\n");
    }

    @Test
    void lineThatIsNoneIsLeftOut() {
        payment.tap(FakeAdmin::forever, "", "no json", "[1]", "x".repeat(1 << 20), DENIED);
        Ran ran = tap("--count", "1").held();
        assertThat(ran.out()).isEqualTo(LINE + "\n");
        assertThat(ran.err())
                .contains("left out a line that is no JSON object", "left out a line of more than 65536 bytes");
    }

    @Test
    void allBelowTheFolderAreFollowedAtOnceAndNamesChoose() throws Exception {
        try (FakeAdmin orders = FakeAdmin.start()) {
            orders.describe(folder.resolve("orders"));
            orders.tap(FakeAdmin::forever, DENIED);
            payment.tap(FakeAdmin::forever, DENIED);
            assertThat(tap("--count", "2").held().out()).contains("orders→payment", "orders→orders");
            assertThat(tap("orders", "--count", "1").held().out()).contains("orders→orders");
            tap("ledger").refused(2, "SERVICE ledger: no state folder below", "orders, payment");
        }
    }

    @Test
    void sidecarThatGoesIsToldAndFollowedAgainWhereItListensThen() throws Exception {
        FakeAdmin next = FakeAdmin.start();
        try (next) {
            next.tap(FakeAdmin::forever, DENIED);
            payment.tap(
                    out -> {
                        next.describe(folder.resolve("payment"));
                        FakeAdmin.lastChunk(out);
                    },
                    DENIED);
            Ran ran = tap("--count", "2").held();
            assertThat(ran.out()).isEqualTo(LINE + "\n" + LINE + "\n");
            assertThat(ran.err())
                    .contains(
                            "payment at " + payment.address() + ": gone", "payment at " + next.address() + ": is back");
        }
    }

    @Test
    void answerThatBreaksOffIsOneThatWent() {
        AtomicInteger attempts = new AtomicInteger();
        payment.guarded("GET /tap", out -> {
            out.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            FakeAdmin.chunk(out, DENIED + "\n");
            if (attempts.getAndIncrement() == 0) {
                out.write("ff\r\n{\"half\"".getBytes(StandardCharsets.US_ASCII));
            } else {
                out.flush();
                FakeAdmin.forever(out);
            }
        });
        Ran ran = tap("--count", "2").held();
        assertThat(ran.out().lines()).containsExactly(LINE, LINE);
        assertThat(ran.err()).contains("gone; waiting for it", "is back").doesNotContain("half");
    }

    @Test
    void refusalsEndIt() throws Exception {
        tap().refused(1, "does not have /tap (expected: a sidecar of this version");
        payment.on("GET /tap", 405, "GET only\n");
        tap().refused(1, "does not have /tap");
        payment.on("GET /tap", 429, "4 taps at most\n");
        tap().refused(1, "status 429: 4 taps at most");
        payment.tap(FakeAdmin::forever, DENIED);
        FakeAdmin.secret(folder.resolve("payment/admin-token"), "wrong");
        tap().refused(1, "wrong token");
        sallyport("tap", "--admin", payment.address()).refused(1, "no token to show it");
        payment.close();
        tap().refused(1, "connection refused");
    }

    @Test
    void oneSidecarThatIsAwayDoesNotEndTheTapOfAnother() throws Exception {
        FakeAdmin away = FakeAdmin.start();
        away.describe(folder.resolve("away"));
        away.close();
        payment.tap(
                out -> {
                    FakeAdmin.chunk(out, DENIED + "\n");
                    FakeAdmin.forever(out);
                },
                DENIED);
        assertThat(tap("--count", "2").held().out().lines()).containsExactly(LINE, LINE);
    }

    /** A process of its own: a signal reaches all of one. */
    @Test
    void interruptEndsItWell() throws Exception {
        payment.tap(FakeAdmin::forever, DENIED);
        Process process = started("tap", "--state", folder.toString());
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo(LINE);
            assertThat(new ProcessBuilder("/bin/sh", "-c", "kill -INT " + process.pid())
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))
                            .lines())
                    .anyMatch(line -> line.endsWith("1 decision"));
        } finally {
            process.destroyForcibly();
        }
    }

    /** As with {@code tap | head}. */
    @Test
    void endsWhenNobodyReads() throws Exception {
        payment.tap(
                out -> {
                    while (true) {
                        FakeAdmin.chunk(out, DENIED + "\n");
                        out.flush();
                        Thread.sleep(5);
                    }
                },
                DENIED);
        Process process = started("tap", "--state", folder.toString());
        try {
            assertThatCode(() -> process.getInputStream().close()).doesNotThrowAnyException();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void jsonOfEveryLineIsReadable() throws IOException {
        payment.tap(FakeAdmin::forever, "{\"skipped\":1}", DENIED);
        List<String> lines =
                tap("--count", "1", "-o", "jsonl").held().out().lines().toList();
        JsonNode first = new ObjectMapper().readTree(lines.getFirst());
        assertThat(first.path("skipped").asInt()).isEqualTo(1);
        assertThat(lines).hasSize(2);
    }

    private static Process started(String... words) throws IOException {
        ArrayList<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName()));
        line.addAll(List.of(words));
        return new ProcessBuilder(line).start();
    }

    private Ran tap(String... words) {
        Object[] line = new Object[words.length + 3];
        line[0] = "tap";
        System.arraycopy(words, 0, line, 1, words.length);
        line[words.length + 1] = "--state";
        line[words.length + 2] = folder;
        return sallyport(line);
    }
}
