package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.Passing.Arrival;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Alice and Bob in one trace, their requests at orders at the same time: each call goes on for the one whose handle or span it shows, and in doubt for nobody. */
@Timeout(60)
class TwoUsersTest {
    private static final String TRACE = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static Passing mesh;
    private Arrival alice;
    private Arrival bob;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @BeforeEach
    void arrive() throws Exception {
        mesh.forget();
        mesh.payment.script = RawApplication.ECHOES;
        alice = mesh.arriveWith("POST /orders", "authorization: Bearer " + mesh.mesh.token("alice", "customer"), TRACE);
        bob = mesh.arriveWith("POST /orders", "authorization: Bearer " + mesh.mesh.token("bob", "customer"), TRACE);
        assertThat(trace(alice)).isEqualTo(trace(bob));
    }

    @AfterEach
    void leave() throws Exception {
        alice.close();
        bob.close();
        assertThat(mesh.recorded()).doesNotContain("eyJ", alice.handle(), bob.handle());
    }

    private static String trace(Arrival arrival) {
        return arrival.field("traceparent").substring(3, 35);
    }

    private static void assertUser(String answer, String user) {
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("x-sallyport-user: " + user + "\r\n");
        assertThat(answer.lines().filter(line -> line.startsWith("x-sallyport-user")))
                .hasSize(1);
    }

    private void assertNobody(String answer, String carried) throws Exception {
        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(mesh.payment.received()).isEmpty();
        assertThat(mesh.inboundRecord("payment").reason).isEqualTo("token_missing");
        AuditRecord sent = mesh.outboundRecord("orders");
        assertThat(sent.userCarried).isEqualTo(carried);
        assertThat(sent.userHash).isNull();
        assertThat(sent.userIssuer).isNull();
    }

    private static String ask(Arrival arrival, String... fields) throws Exception {
        return arrival.asks("payment", "GET /charges", fields);
    }

    @Test
    void eachCallGoesOnForItsOwnUserByTurns() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertUser(ask(alice, alice.state()), "alice");
            assertUser(ask(bob, bob.parent()), "bob");
            assertUser(ask(alice, alice.parent(), alice.state()), "alice");
            assertUser(ask(bob, bob.state()), "bob");
            assertUser(ask(alice, alice.parent()), "alice");
        }
        assertThat(mesh.sidecar("orders").records.stream()
                        .filter(record -> record.direction == AuditRecord.Direction.OUTBOUND)
                        .map(record -> record.userHash)
                        .distinct())
                .hasSize(2)
                .doesNotContainNull();
    }

    @Test
    void eachCallGoesOnForItsOwnUserAtTheSameTime() throws Exception {
        try (ExecutorService both = Executors.newFixedThreadPool(4)) {
            List<Callable<Object>> calls = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                boolean first = i % 2 == 0;
                String shown = i % 4 < 2 ? (first ? alice : bob).state() : (first ? alice : bob).parent();
                calls.add(() -> {
                    assertUser(ask(alice, shown), first ? "alice" : "bob");
                    return first;
                });
            }
            for (Future<Object> call : both.invokeAll(calls)) {
                call.get();
            }
        }
    }

    @Test
    void oneUsersHandleWithTheOthersSpanIsNobodys() throws Exception {
        assertNobody(ask(alice, alice.state(), bob.parent()), "ambiguous");
        assertUser(ask(alice, alice.state(), alice.parent()), "alice");
    }

    @Test
    void handleInASpanThatTheApplicationBeganItselfIsItsUsers() throws Exception {
        String child = alice.parent().substring(0, 49) + "00000000000000aa"
                + alice.parent().substring(65);
        assertUser(ask(alice, alice.state(), child), "alice");
    }

    @Test
    void endedHandleDoesNotGoOnByAnotherRequestsSpan() throws Exception {
        alice.end();
        assertNobody(ask(bob, alice.state(), bob.parent()), "ended");
        assertUser(ask(bob, bob.state(), bob.parent()), "bob");
    }

    static Stream<BiFunction<String, String, String>> twoHandles() {
        return Stream.of(
                (alice, bob) -> "tracestate: sallyport=" + alice + ",sallyport=" + bob,
                (alice, bob) -> "tracestate: sallyport=" + alice + ",sallyport=" + alice,
                (alice, bob) -> "tracestate: sallyport=" + alice + ",x=y,sallyport=" + bob,
                (alice, bob) -> "tracestate: sallyport=" + alice + "\r\ntracestate: sallyport=" + bob,
                (alice, bob) ->
                        "tracestate: sallyport=" + alice + "\r\nTraceState: a=b\r\nTRACESTATE: sallyport=" + bob,
                (alice, bob) -> "tracestate: sallyport=" + alice + ",Sallyport=" + bob,
                (alice, bob) -> "tracestate: sallyport=" + alice + ", \tsallyport =" + bob,
                (alice, bob) -> "tracestate: sallyport=" + alice + ",sallyport",
                (alice, bob) -> "tracestate: sallyport=" + alice + ",sallyport=");
    }

    @ParameterizedTest
    @MethodSource("twoHandles")
    void twoHandlesAreNobodys(BiFunction<String, String, String> fields) throws Exception {
        assertNobody(ask(alice, fields.apply(alice.handle(), bob.handle())), "ambiguous");
        mesh.sidecar("payment").records.clear();
        assertNobody(ask(alice, fields.apply(alice.handle(), bob.handle()), alice.parent()), "ambiguous");
        assertUser(ask(alice, "tracestate: x=y\r\ntracestate: a=b,sallyport=" + alice.handle() + ",b=c"), "alice");
    }

    @Test
    void callThatShowsNeitherIsNobodys() throws Exception {
        String answer = ask(alice, TRACE);
        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(mesh.outboundRecord("orders").userCarried).isNull();
        assertUser(ask(alice, alice.state()), "alice");
    }
}
