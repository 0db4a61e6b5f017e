package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.Passing.Arrival;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A user who comes to orders with a token and goes on to payment, and from there to web, without one: web → orders → payment → web. */
@Timeout(60)
class CarriedUserTest {
    private static Passing mesh;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @BeforeEach
    void forget() {
        mesh.forget();
    }

    @Test
    void userGoesOnWithTheHandleAlone() throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            String answer = arrival.asks("payment", "GET /charges", "tracestate: " + arrival.field("tracestate"));
            assertThat(answer).startsWith("HTTP/1.1 200");
            assertThat(mesh.payment.received())
                    .contains("x-sallyport-user: alice\r\n")
                    .contains("x-sallyport-roles: customer\r\n")
                    .contains("x-sallyport-via: orders\r\n")
                    .doesNotContain("txn-token")
                    .doesNotContain(arrival.handle());
        }
    }

    @Test
    void userGoesOnWithTheExactSpanAlone() throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            assertThat(arrival.asks("payment", "GET /charges", "traceparent: " + arrival.field("traceparent")))
                    .startsWith("HTTP/1.1 200");
            assertThat(mesh.payment.received()).contains("x-sallyport-user: alice\r\n");
        }
    }

    @Test
    void nobodyGoesOnWithATraceIdAlone() throws Exception {
        try (Arrival arrival = mesh.arrive("alice", "customer")) {
            String parent = arrival.field("traceparent");
            String borrowed = parent.substring(0, 36) + "00000000000000ff" + parent.substring(52);
            assertThat(arrival.asks("payment", "GET /charges", "traceparent: " + borrowed))
                    .startsWith("HTTP/1.1 401");
            AuditRecord record = mesh.inboundRecord("payment");
            assertThat(record.reason).isEqualTo("token_missing");
        }
    }

    @Test
    void nobodyGoesOnOnceTheRequestHasEnded() throws Exception {
        Arrival arrival = mesh.arrive("alice", "customer");
        arrival.close();
        await().atMost(Hop.SOON).until(() -> mesh.orders.dataPath.active() == 0);
        assertThat(arrival.asks("payment", "GET /charges", "tracestate: " + arrival.field("tracestate")))
                .startsWith("HTTP/1.1 401");
        assertThat(mesh.outboundRecord("orders").userCarried).isEqualTo("ended");
    }

    @Test
    void chainOfServicesIsKnownAtTheThird() throws Exception {
        try (Arrival atOrders = mesh.arrive("alice", "customer");
                Arrival atPayment = mesh.arriveAtPayment(atOrders)) {
            assertThat(atPayment.asks("web", "GET /receipts", "tracestate: " + atPayment.field("tracestate")))
                    .startsWith("HTTP/1.1 200");
            assertThat(mesh.web.received())
                    .contains("x-sallyport-user: alice\r\n")
                    .contains("x-sallyport-via: orders,payment\r\n");
            assertThat(mesh.inboundRecord("web").userVia).containsExactly("orders", "payment");
        }
    }

    /** Whoever was called by orders meanwhile, or guesses well, must not come back as alice. */
    @Test
    void spanOfARequestUnderWayIsNobodysThatComesFromOutside() throws Exception {
        try (Arrival alice = mesh.arrive("alice", "customer")) {
            String hers = alice.field("traceparent");
            try (Arrival nobody = mesh.arriveWith("POST /open", "traceparent: " + hers)) {
                String parent = nobody.field("traceparent");
                assertThat(parent).isNotEqualTo(hers).startsWith(hers.substring(0, 36));
                assertThat(nobody.asks("payment", "GET /charges", "traceparent: " + parent))
                        .startsWith("HTTP/1.1 401");
                assertThat(mesh.inboundRecord("payment").reason).isEqualTo("token_missing");
            }
            assertThat(alice.asks("payment", "GET /charges", "traceparent: " + hers))
                    .as("her own application still has it")
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void spanThatIsAsGoodAsAUserNeverLeaves() throws Exception {
        try (Arrival alice = mesh.arrive("alice", "customer")) {
            String hers = alice.field("traceparent");
            for (String request : new String[] {"GET /charges", "GET /open"}) {
                mesh.payment.forget();
                assertThat(alice.asks("payment", request, "traceparent: " + hers))
                        .startsWith("HTTP/1.1 200");
                assertThat(mesh.payment.received())
                        .contains("traceparent: " + hers.substring(0, 36))
                        .doesNotContain(hers.substring(36, 52));
            }
        }
    }
}
