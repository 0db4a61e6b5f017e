package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.Passing.Arrival;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is as good as a user inside one service, and for one request: a handle, or the span that was given with it. Guessed, borrowed, late, or somewhere else, it is nothing. */
@Timeout(60)
class HandleTest {
    private static final String DOCUMENTS = Passing.DOCUMENTS.replace(
            "    open: {match: POST /open,",
            "    maybe: {match: POST /maybe, allow: {web: {from: [web], user: optional}}}\n    open: {match: POST /open,");

    private static Passing mesh;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, DOCUMENTS, Map.of());
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @BeforeEach
    void forget() {
        mesh.forget();
    }

    /** What the service asks goes on for nobody. {@code carried}: on record. */
    private static void assertNobody(String answer, String carried) throws Exception {
        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(mesh.payment.received()).isEmpty();
        assertThat(mesh.inboundRecord("payment").reason).isEqualTo("token_missing");
        AuditRecord sent = mesh.outboundRecord("orders");
        assertThat(sent.userCarried).isEqualTo(carried.isEmpty() ? null : carried);
        assertThat(sent.userHash).isNull();
        assertThat(mesh.recorded()).doesNotContain("eyJ");
    }

    private static void assertAlice(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(mesh.payment.received()).contains("x-sallyport-user: alice\r\n");
        AuditRecord sent = mesh.outboundRecord("orders");
        assertThat(sent.userCarried).isEqualTo("attached");
        assertThat(sent.userHash).isNotNull();
        assertThat(sent.userIssuer).isEqualTo("shop");
    }

    private static String ask(Arrival arrival, String... fields) throws Exception {
        return arrival.asks("payment", "GET /charges", fields);
    }

    static Stream<UnaryOperator<String>> guesses() {
        return Stream.of(
                handle -> (handle.charAt(0) == '0' ? "1" : "0") + handle.substring(1),
                handle -> handle.substring(0, 31) + (handle.charAt(31) == 'f' ? "e" : "f"),
                handle -> handle.toUpperCase(Locale.ROOT),
                handle -> handle.substring(1),
                handle -> handle.substring(0, 31),
                handle -> handle + "0",
                handle -> "0" + handle,
                handle -> "0x" + handle.substring(2),
                handle -> " " + handle,
                handle -> handle.substring(0, 16) + " " + handle.substring(16),
                handle -> "\"" + handle + "\"",
                handle -> "=" + handle,
                handle -> handle + ";p=1",
                handle -> handle.substring(0, 31) + "\u0660",
                handle -> "0".repeat(32),
                handle -> "f".repeat(32),
                handle -> "");
    }

    @ParameterizedTest
    @MethodSource("guesses")
    void handleThatIsNotTheOneIsNobodys(UnaryOperator<String> guess) throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            assertNobody(ask(arrival, "tracestate: sallyport=" + guess.apply(arrival.handle())), "ended");
            mesh.sidecar("payment").records.clear();
            assertNobody(
                    ask(arrival, "tracestate: sallyport=" + guess.apply(arrival.handle()), arrival.parent()), "ended");
            assertAlice(ask(arrival, "tracestate: sallyport=" + arrival.handle() + " ,x=y"));
        }
    }

    static Stream<UnaryOperator<String>> parents() {
        String other = "0af7651916cd43dd8448eb211c80319c";
        return Stream.of(
                parent -> "00-" + other + parent.substring(35), // the span of another trace
                parent -> parent.substring(0, 36) + "b7ad6b7169203331" + parent.substring(52), // another's in it
                parent -> "00-" + parent.substring(36, 52) + parent.substring(3, 19) + "-" + parent.substring(19, 35)
                        + "-01",
                parent -> parent.toUpperCase(Locale.ROOT),
                parent -> "01" + parent.substring(2),
                parent -> parent + "-00",
                parent -> parent.substring(0, 53),
                parent -> parent + "\r\ntraceparent: " + parent,
                parent -> parent + "\r\ntraceparent: 00-" + other + "-b7ad6b7169203331-01",
                parent -> parent + "," + parent);
    }

    @ParameterizedTest
    @MethodSource("parents")
    void spanThatIsNotExactlyTheOneIsNobodys(UnaryOperator<String> borrowed) throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            assertNobody(ask(arrival, "traceparent: " + borrowed.apply(arrival.field("traceparent"))), "");
            assertAlice(ask(arrival, arrival.parent()));
        }
    }

    @Test
    void flagsOfASpanAreNotPartOfIt() throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            String parent = arrival.parent();
            assertAlice(ask(arrival, parent.substring(0, parent.length() - 2) + "00"));
        }
    }

    @Test
    void handleCountsAtTheServiceThatItWasGivenToAndNowhereElse() throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            try (RawClient atPayment = RawClient.plain(mesh.sidecar("payment").upstream("web"))) {
                String answer = atPayment.ask("GET /near HTTP/1.1\r\nHost: web\r\nConnection: close\r\n"
                        + arrival.state() + "\r\n" + arrival.parent() + "\r\n\r\n");
                assertThat(answer).startsWith("HTTP/1.1 401 ");
                assertThat(mesh.outboundRecord("payment").userCarried).isEqualTo("ended");
                assertThat(mesh.inboundRecord("web").reason).isEqualTo("token_missing");
                assertThat(mesh.web.received()).isEmpty();
            }
            assertAlice(ask(arrival, arrival.state()));
        }
    }

    @Test
    void handleAndSpanEndWithTheirRequest() throws Exception {
        Arrival arrival = mesh.arrive("alice", "customer");
        assertAlice(ask(arrival, arrival.state(), arrival.parent()));
        arrival.end();
        mesh.forget();
        assertNobody(ask(arrival, arrival.state()), "ended");
        mesh.forget();
        assertNobody(ask(arrival, arrival.state(), arrival.parent()), "ended");
        mesh.forget();
        assertNobody(ask(arrival, arrival.parent()), "");
    }

    @Test
    void handleAndSpanEndWithARequestThatItsClientGaveUp() throws Exception {
        Arrival arrival = mesh.arrive("alice", "customer");
        assertAlice(ask(arrival, arrival.state()));
        arrival.cancel();
        assertThat(mesh.inboundRecord("orders").reason).isEqualTo("client_closed");
        mesh.forget();
        assertNobody(ask(arrival, arrival.state()), "ended");
        mesh.forget();
        assertNobody(ask(arrival, arrival.parent()), "");
        arrival.close();
    }

    @Test
    void graceLetsAUserGoOnForSoLongAndNotLonger(@TempDir Path folder) throws Exception {
        try (Passing graceful =
                Passing.open(folder, Passing.DOCUMENTS, Map.of("userGrace", java.time.Duration.ofSeconds(1)))) {
            Arrival arrival = graceful.arrive("alice", "customer");
            arrival.end();
            assertThat(ask(arrival, arrival.state())).startsWith("HTTP/1.1 200 ");
            assertThat(ask(arrival, arrival.parent())).startsWith("HTTP/1.1 200 ");
            await().atMost(Hop.SOON).until(() -> ask(arrival, arrival.state()).startsWith("HTTP/1.1 401 "));
            assertThat(graceful.outboundRecord("orders").userCarried).isEqualTo("ended");
            assertThat(ask(arrival, arrival.parent())).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void ruleThatLooksAtNobodyGivesNoHandle() throws Exception {
        String token = "authorization: Bearer " + mesh.mesh.token("alice", "customer");
        try (Arrival arrival = mesh.arriveWith("POST /open", token, "tracestate: x=y")) {
            assertThat(arrival.head()).doesNotContain("sallyport=", "x-sallyport-user", "tracestate", "eyJ");
            assertNobody(ask(arrival, arrival.parent()), "");
        }
        mesh.forget();
        try (Arrival arrival = mesh.arriveWith("POST /orders", token)) {
            assertAlice(ask(arrival, arrival.state()));
        }
    }

    @Test
    void ruleThatIsContentWithNobodyGivesAHandleToAUserOnly() throws Exception {
        try (Arrival arrival = mesh.arriveWith("POST /maybe")) {
            assertThat(arrival.head()).doesNotContain("sallyport=", "x-sallyport-user");
            assertNobody(ask(arrival, arrival.parent()), "");
        }
        mesh.forget();
        try (Arrival arrival =
                mesh.arriveWith("POST /maybe", "authorization: Bearer " + mesh.mesh.token("alice", "customer"))) {
            assertAlice(ask(arrival, arrival.state()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sallyport=", "x=y,sallyport=", "sallyport=%s,sallyport=", "Sallyport=", "sallyport ="})
    void handleOfThePeersChoosingIsReplacedAndNeverHonoured(String prefix) throws Exception {
        String chosen = "c".repeat(32);
        try (Arrival arrival = mesh.arriveWith(
                "POST /orders",
                "authorization: Bearer " + mesh.mesh.token("alice", "customer"),
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "tracestate: " + prefix.formatted("d".repeat(32)) + chosen)) {
            assertThat(arrival.head().toLowerCase(Locale.ROOT))
                    .doesNotContain(chosen, "d".repeat(32))
                    .containsOnlyOnce("sallyport=");
            assertThat(arrival.field("traceparent")).doesNotContain("00f067aa0ba902b7");
            assertNobody(ask(arrival, "tracestate: sallyport=" + chosen), "ended");
            assertAlice(ask(arrival, arrival.state()));
        }
        mesh.forget();
        try (Arrival nobody =
                mesh.arriveWith("POST /open", "tracestate: " + prefix.formatted("d".repeat(32)) + chosen)) {
            assertThat(nobody.head()).doesNotContain(chosen, "allyport");
        }
    }

    @Test
    void everyHandleIsAnother() throws Exception {
        List<String> seen = new java.util.ArrayList<>();
        for (int i = 0; i < 5; i++) {
            try (Arrival arrival = mesh.arrive("alice", "customer")) {
                seen.add(arrival.handle());
                seen.add(arrival.field("traceparent").substring(36, 52));
                assertThat(arrival.handle()).matches("[0-9a-f]{32}");
            }
        }
        assertThat(seen).doesNotHaveDuplicates();
    }
}
