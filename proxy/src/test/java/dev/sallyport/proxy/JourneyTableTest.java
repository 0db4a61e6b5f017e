package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.proxy.Passing.Arrival;
import dev.sallyport.proxy.carry.Crowd;
import dev.sallyport.proxy.inbound.Inbound;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The table of who is under way: bounded, and empty when nobody is, however the requests ended. */
@Timeout(60)
class JourneyTableTest {
    private static final List<Integer> EMPTY = List.of(0, 0, 0);

    private static Passing mesh;
    private static Crowd crowd;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, Passing.DOCUMENTS, Map.of("responseHead", Duration.ofSeconds(2)));
        Field lanes = DataPath.class.getDeclaredField("inbound");
        lanes.setAccessible(true);
        Inbound.Lane lane = (Inbound.Lane) ((Map<?, ?>) lanes.get(mesh.orders.dataPath))
                .values()
                .iterator()
                .next();
        crowd = Crowd.at(lane.users().boarding());
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @BeforeEach
    void forget() throws Exception {
        mesh.forget();
        assertThat(crowd.sizes()).isEqualTo(EMPTY);
    }

    @Test
    void userForWhomThereIsNoRoomIsServedAndGoesNoFurther() throws Exception {
        crowd.fill();
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            assertThat(arrival.head()).contains("x-sallyport-user: alice\r\n").doesNotContain("sallyport=");
            assertThat(arrival.asks("payment", "GET /charges", arrival.parent()))
                    .startsWith("HTTP/1.1 401 ");
            assertThat(mesh.payment.received()).isEmpty();
            assertThat(mesh.orders.metrics.users().strandedUsers()).isEqualTo(1);
            arrival.end();
            assertThat(mesh.inboundRecord("orders").reason).isEqualTo("allowed");
        }
        crowd.leave();
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            assertThat(arrival.asks("payment", "GET /charges", arrival.state())).startsWith("HTTP/1.1 200 ");
            assertThat(mesh.orders.metrics.users().strandedUsers()).isEqualTo(1);
        }
        crowd.disperse();
        await().atMost(Hop.SOON).until(() -> crowd.sizes().equals(EMPTY));
    }

    @Test
    void nothingIsLeftOfTenThousandRequests() throws Exception {
        String bearer = "authorization: Bearer " + mesh.mesh.token("alice", "customer") + "\r\n";
        String batch = (request("/orders", bearer)
                        + request("/open", bearer)
                        + request("/kept", bearer)
                        + request("/nowhere", bearer)
                        + request("/orders", ""))
                .repeat(20);
        try (RawClient client = mesh.as("web", "orders")) {
            for (int i = 0; i < 100; i++) {
                client.send(batch
                        + request("/orders", bearer + "Connection: " + (i == 99 ? "close" : "keep-alive") + "\r\n"));
                for (int k = 0; k < 20; k++) {
                    client.until("ok");
                    client.until("ok");
                    client.until("ok");
                    client.until("}");
                    client.until("}");
                }
                client.until("ok");
            }
        }
        await().atMost(Hop.SOON).until(() -> mesh.orders.dataPath.active() == 0);
        assertThat(crowd.sizes()).isEqualTo(EMPTY);
    }

    private static String request(String path, String fields) {
        return "POST " + path + " HTTP/1.1\r\nHost: orders\r\nContent-Length: 0\r\n" + fields + "\r\n";
    }

    @Test
    void nothingIsLeftHoweverTheRequestEnds() throws Exception {
        String bearer = "authorization: Bearer " + mesh.mesh.token("alice", "customer") + "\r\n";
        List<RawApplication.Script> endings = List.of(
                visit -> visit.request(), // no answer in time
                RawApplication.Visit::close,
                visit -> {
                    visit.request();
                    visit.cut();
                },
                visit -> {
                    visit.request();
                    visit.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok").cut();
                },
                visit -> {
                    visit.request();
                    visit.send("no answer at all\r\n\r\n");
                });
        for (RawApplication.Script ending : endings) {
            mesh.forget();
            mesh.ordersApplication.script = ending;
            try (RawClient client = mesh.as("web", "orders")) {
                client.send(request("/orders", bearer + "Connection: close\r\n"))
                        .ended();
            }
            await().atMost(Hop.SOON).until(() -> mesh.orders.dataPath.active() == 0);
            assertThat(crowd.sizes()).isEqualTo(EMPTY);
        }
        for (int i = 0; i < 20; i++) {
            mesh.forget();
            Arrival arrival = mesh.arrive("alice", "customer");
            assertThat(crowd.sizes()).containsOnly(1);
            arrival.cancel();
            assertThat(crowd.sizes()).isEqualTo(EMPTY);
            arrival.close();
        }
    }
}
