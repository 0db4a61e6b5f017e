package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.Passing.Arrival;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who sees what, byte by byte on the wire to the next sidecar and back: it has the hop token and no handle, the application has a handle and no token, and whatever else asserts a user is gone. */
@Timeout(60)
class HandleSecrecyTest {
    private static final String TRACE = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static Passing mesh;
    private static RawApplication peer;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, Passing.DOCUMENTS, Map.of("newTokensPerSecond", 10_000));
        peer = RawApplication.tls(
                RawClient.context(mesh.mesh.svid(TestMesh.pathOf("payment")), mesh.mesh.authority.trustBundle()));
        mesh.mesh.endpoint("payment", peer.address());
        mesh.learn(Passing.DOCUMENTS);
    }

    @AfterAll
    static void stop() {
        mesh.close();
        peer.close();
    }

    @BeforeEach
    void forget() {
        mesh.forget();
        peer.script = RawApplication.ECHOES;
    }

    /** What the next sidecar reads. */
    private static String onTheWire(Arrival arrival, String... fields) throws Exception {
        String answer = arrival.asks("payment", "GET /charges", fields);
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    private static List<String> values(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .toList();
    }

    private static void assertCarries(String wire, Arrival arrival) {
        assertThat(values(wire, "txn-token")).hasSize(1).allMatch(value -> value.startsWith("eyJ"));
        assertThat(wire.toLowerCase(Locale.ROOT))
                .doesNotContain(arrival.handle())
                .doesNotContainPattern("[ ,]sallyport *=");
    }

    private static String members(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "k" + i + "=v").collect(Collectors.joining(","));
    }

    static Stream<Arguments> states() {
        return Stream.of(
                Arguments.of("tracestate: sallyport=%s", ""),
                Arguments.of("tracestate: a=b,sallyport=%s,c=d", "a=b,c=d"),
                Arguments.of("TraceState: a=b\r\nTRACESTATE: sallyport=%s\r\ntracestate: c=d", "a=b,c=d"),
                Arguments.of("tracestate: a=b , sallyport=%s , c=d", "a=b,c=d"),
                Arguments.of(
                        "tracestate: sallyport@x=1,mysallyport=2,sallyport2=3,sallyport=%s",
                        "sallyport@x=1,mysallyport=2,sallyport2=3"),
                Arguments.of("tracestate: " + members(0, 31) + ",sallyport=%s", members(0, 31)),
                Arguments.of("tracestate: long=" + "x".repeat(600) + ",sallyport=%s", ""));
    }

    @ParameterizedTest
    @MethodSource("states")
    void nextSidecarReadsTheTokenAndTheOthersOfTheTraceInOrder(String state, String others) throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            String wire = onTheWire(arrival, TRACE, state.formatted(arrival.handle()));
            assertCarries(wire, arrival);
            assertThat(values(wire, "tracestate")).isEqualTo(others.isEmpty() ? List.of() : List.of(others));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tracestate: sallyport=00000000000000000000000000000000,a=b",
                "tracestate: sallyport=1,sallyport=2,a=b",
                "tracestate: Sallyport=x,a=b",
                "tracestate: sallyport,a=b",
            })
    void handleThatIsNobodysDoesNotReachTheNextSidecarEither(String state) throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            String wire = onTheWire(arrival, TRACE, state);
            assertThat(values(wire, "tracestate")).containsExactly("a=b");
            assertThat(wire.toLowerCase(Locale.ROOT)).doesNotContain("txn-token", "allyport");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: y",
                "Txn-Token: forged\r\nx-sallyport-via: forged\r\nX-Sallyport-User: forged",
                "txn_token: forged\r\nX_SALLYPORT_VIA: forged\r\nx.sallyport.user: forged\r\nTXN-TOKEN: forged",
                "Txn-Token: forged\r\nConnection: txn-token",
                "Connection: close, txn-token, x-sallyport-via, x-sallyport-user, x-sallyport-roles",
                "Txn--Token: forged\r\nX-Sally-Port-User: forged",
            })
    void whatTheApplicationSaysOfUsersIsGoneAndWhatIsProvenStays(String claims) throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            String wire = onTheWire(arrival, claims, arrival.state());
            assertCarries(wire, arrival);
            assertThat(wire.toLowerCase(Locale.ROOT)).doesNotContain("forged", "sallyport");
            assertThat(onTheWire(arrival, claims).toLowerCase(Locale.ROOT))
                    .doesNotContain("forged", "sallyport", "txn");
        }
        mesh.forget();
        try (Arrival atPayment = mesh.arriveAt(
                "payment", "orders", "GET /charges", new HopForge(mesh.mesh.svid(TestMesh.pathOf("orders"))).token())) {
            assertThat(atPayment.asks("web", "GET /receipts", claims, "x-sallyport-via: web", atPayment.state()))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(mesh.web.received())
                    .contains("x-sallyport-via: orders,payment\r\n")
                    .doesNotContain("forged");
        }
    }

    @Test
    void applicationThatRepeatsWhatItWasToldTellsNobodyItsHandle() throws Exception {
        mesh.ordersApplication.script = visit -> {
            String request = visit.request();
            String state = request.lines()
                    .filter(line -> line.startsWith("tracestate: "))
                    .findFirst()
                    .orElseThrow();
            visit.send("HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n" + state + "\r\n\r\nHTTP/1.1 200 OK\r\n" + state
                    + "\r\nTraceState: " + state.substring(12)
                    + "\r\nX-Sallyport-User: alice\r\nX-Kept: yes\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
                    + state
                    + "\r\n\r\n");
        };
        try (RawClient client = mesh.as("web", "orders")) {
            String answer = client.send(
                            "POST /orders HTTP/1.1\r\nHost: orders\r\nContent-Length: 0\r\nauthorization: Bearer "
                                    + mesh.mesh.token("alice", "customer") + "\r\n\r\n")
                    .until("0\r\n\r\n");
            assertThat(answer).contains("X-Hint: 1\r\n", "X-Kept: yes\r\n", "\r\nok\r\n");
            assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("sallyport", "tracestate");
        }
    }

    static Stream<Arguments> arriving() {
        return Stream.of(
                Arguments.of("a=b", "a=b"),
                Arguments.of("a=b , c=d", "a=b,c=d"),
                Arguments.of("a=b,,c=d,", "a=b,c=d"),
                // 32 members are what a reader need take, and ours is one of them; the oldest stand last
                Arguments.of(members(0, 32), members(0, 31)),
                Arguments.of(members(0, 31), members(0, 31)),
                // 512 characters are what everybody hands on, and ours are 42
                Arguments.of("a=" + "x".repeat(300) + ",b=" + "y".repeat(180), "a=" + "x".repeat(300)),
                Arguments.of("a=" + "x".repeat(467), "a=" + "x".repeat(467)),
                Arguments.of("a=" + "x".repeat(468), ""),
                Arguments.of("a=" + "x".repeat(600), ""));
    }

    @ParameterizedTest
    @MethodSource("arriving")
    void handleIsGivenAmongTheOthersOfTheTraceAsFarAsReadersTakeThem(String state, String others) throws Exception {
        String token = "authorization: Bearer " + mesh.mesh.token("alice", "customer");
        try (Arrival arrival = mesh.arriveWith("POST /orders", token, TRACE, "tracestate: " + state)) {
            String given = arrival.field("tracestate");
            assertThat(given).isEqualTo("sallyport=" + arrival.handle() + (others.isEmpty() ? "" : "," + others));
            assertThat(given.length()).isLessThanOrEqualTo(512);
            assertThat(given.split(",", -1)).hasSizeLessThanOrEqualTo(32);
            assertCarries(onTheWire(arrival, arrival.state(), arrival.parent()), arrival);
        }
    }

    @Test
    void noRecordHasAHandleOrATokenNotEvenWhereARuleReadsTheField() throws Exception {
        mesh.learn(
                Passing.DOCUMENTS.replace(
                        "    open: {match: POST /open,",
                        "    read: {match: POST /read, record: {header.tracestate: clear}, allow: {never: {from: [web], user: none, headers: {tracestate: none}}, web: {from: [web], user: required}}}\n    open: {match: POST /open,"));
        String bearer = mesh.mesh.token("alice", "customer");
        String foreign = "e".repeat(32);
        try (Arrival arrival = mesh.arriveWith(
                "POST /read",
                "authorization: Bearer " + bearer,
                TRACE,
                "tracestate: sallyport=" + foreign,
                "Txn-Token: eyJ")) {
            assertCarries(onTheWire(arrival, arrival.state()), arrival);
            arrival.end();
            mesh.inboundRecord("orders");
            assertThat(mesh.recorded())
                    .contains("userHash=")
                    .doesNotContain(
                            "eyJ",
                            foreign,
                            arrival.handle(),
                            Arrays.asList(bearer.split("\\.", -1)).getLast());
        } finally {
            mesh.learn(Passing.DOCUMENTS);
        }
    }
}
