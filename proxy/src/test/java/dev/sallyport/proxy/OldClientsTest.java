package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.proxy.RawClient.Ended;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients and applications of HTTP/1.0, and bodies that end with their connection: nobody gets a framing that he does not know, or one that hides its end. */
@Timeout(30)
class OldClientsTest {
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static Hop hop;

    enum At {
        INBOUND,
        OUTBOUND;

        RawClient connect() throws Exception {
            return this == INBOUND ? hop.inbound() : hop.outbound();
        }
    }

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

    private static String old(String requestLine, String... fields) {
        return Door.head(requestLine, fields).replace("HTTP/1.1", "HTTP/1.0");
    }

    private static void answer(String bytes) {
        hop.application.script = visit -> {
            while (true) {
                visit.request();
                visit.send(bytes);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void chunksAreUnpackedAndTheEndOfTheConnectionIsTheEnd(At at) throws Exception {
        answer(CHUNKED + "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n");
        try (RawClient client = at.connect()) {
            Ended end =
                    client.send(old("GET /open/1", "Connection: keep-alive")).ended();
            assertThat(end).isEqualTo(new Ended("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello!", false));
        }
        assertThat(Hop.record(hop.orders).responseBytes).isEqualTo(6);
        assertThat(hop.application.received()).as("a hop of our own").startsWith("GET /open/1 HTTP/1.1\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void connectionIsKeptWhenTheClientAsksAndTheLengthIsKnown(At at) throws Exception {
        try (RawClient client = at.connect()) {
            for (int i = 0; i < 2; i++) {
                client.send(old("POST /open/1", "Connection: Keep-Alive", "Content-Length: 2") + "hi");
                assertThat(client.until("\r\n\r\nok")).contains("connection: keep-alive\r\n");
            }
            assertThat(client.send(old("GET /open/1")).ended())
                    .isEqualTo(new Ended("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nconnection: close\r\n\r\nok", false));
        }
    }

    /** Who asked to keep the connection and is not told so waits for its end, as HTTP/1.0 has it. */
    @ParameterizedTest
    @EnumSource
    void refusalSaysWhetherTheConnectionIsKept(At at) throws Exception {
        try (RawClient client = at.connect()) {
            client.send(old("GET /admin/1", "Connection: keep-alive"));
            String refusal = client.until("}");
            assertThat(refusal).startsWith("HTTP/1.1 403 ");
            if (refusal.contains("connection: keep-alive\r\n")) {
                assertThat(client.send(old("GET /open/1")).ended().text()).startsWith("HTTP/1.1 200 ");
            } else {
                assertThat(refusal).contains("connection: close\r\n");
                assertThat(client.ended()).isEqualTo(new Ended("", false));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void expectationOfAnOldClientIsNotMet(At at) throws Exception {
        hop.application.script = visit -> {
            visit.until("\r\n\r\n");
            visit.send("HTTP/1.1 100 Continue\r\n\r\n" + visit.take(2).replaceAll(".*", "") + RawApplication.OK);
        };
        try (RawClient client = at.connect()) {
            assertThat(client.send(old("POST /open/1", "Content-Length: 2", "Expect: 100-continue") + "hi")
                            .ended()
                            .text())
                    .startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.0 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 404 Not Found\r\nX-A: b\r\n\r\n"
            })
    void bodyThatEndsWithItsConnectionGoesOnInChunksOfOurs(String head) throws Exception {
        String status = head.substring(9, head.indexOf('\r'));
        for (At at : At.values()) {
            hop.forget();
            hop.application.script = visit -> {
                visit.request();
                visit.send(head + "hello").close();
            };
            try (RawClient client = at.connect()) {
                String answer = client.send(Door.head("GET /open/1")).until("0\r\n\r\n");
                assertThat(answer).startsWith("HTTP/1.1 " + status + "\r\n").contains("transfer-encoding: chunked\r\n");
                assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).isEqualTo("5\r\nhello\r\n0\r\n\r\n");
                assertThat(client.send(Door.head("GET /admin/next")).until("}")).startsWith("HTTP/1.1 403 ");
            }
            assertThat(hop.orders.records.getFirst().responseBytes).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void emptyBodyThatEndsWithItsConnectionIsEmpty(At at) throws Exception {
        hop.application.script = visit -> {
            visit.request();
            visit.send("HTTP/1.1 200 OK\r\n\r\n").close();
        };
        try (RawClient client = at.connect()) {
            assertThat(client.send(Door.head("GET /open/1")).until("0\r\n\r\n"))
                    .isEqualTo("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
        }
        try (RawClient client = at.connect()) {
            assertThat(client.send(old("GET /open/1")).ended())
                    .isEqualTo(new Ended("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", false));
        }
        await().atMost(Hop.SOON).until(() -> hop.orders.records.size() == 2);
        assertThat(hop.orders.records).allMatch(record -> "allowed".equals(record.reason));
    }

    @ParameterizedTest
    @EnumSource
    void applicationOfHttp10IsAskedAgainOnlyWhenItKeepsTheConnection(At at) throws Exception {
        answer("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
        try (RawClient client = at.connect()) {
            client.send(Door.head("GET /open/1")).until("\r\n\r\nok");
            client.send(Door.head("GET /open/2")).until("\r\n\r\nok");
            assertThat(hop.application.visits).hasSize(2);
            answer("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
            client.send(Door.head("GET /open/3")).until("\r\n\r\nok");
            client.send(Door.head("GET /open/4")).until("\r\n\r\nok");
            assertThat(hop.application.visits).hasSize(3);
        }
    }
}
