package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class RotationTest {
    @Test
    void rotationUnderLoadFailsNoRequestAndLeavesNoOldSerial(@TempDir Path folder) throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        try (TestApplication application = new TestApplication();
                TestSidecar orders = TestSidecar.start(mesh, "orders", application.address());
                TestSidecar web = TestSidecar.start(mesh, "web", application.address())) {
            mesh.endpoint("orders", orders.inbound());
            orders.learn();
            web.learn();
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger sent = new AtomicInteger();
            List<String> failures = new CopyOnWriteArrayList<>();
            List<Thread> load = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                boolean post = i % 2 == 0;
                load.add(Thread.ofVirtual().start(() -> load(web, post, stop, sent, failures)));
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> sent.get() > 200);
            for (int i = 0; i < 10; i++) {
                int before = sent.get();
                (i % 2 == 0 ? orders : web).rotate(); // One side alone: the other must notice by itself.
                await().atMost(Duration.ofSeconds(10)).until(() -> sent.get() > before + 60 || !failures.isEmpty());
            }
            orders.rotate();
            web.rotate();
            await().atMost(Duration.ofSeconds(3)).untilAsserted(() -> {
                assertThat(orders.connections.list())
                        .isNotEmpty()
                        .allMatch(open -> open.ownSerial().equals(orders.serial())
                                && open.peerSerial().equals(web.serial()));
                assertThat(web.connections.list())
                        .isNotEmpty()
                        .allMatch(open -> open.ownSerial().equals(web.serial())
                                && open.peerSerial().equals(orders.serial()));
            });
            stop.set(true);
            for (Thread thread : load) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> web.records.size() == sent.get() && orders.records.size() == sent.get());
        }
    }

    private static void load(
            TestSidecar web, boolean post, AtomicBoolean stop, AtomicInteger sent, List<String> failures) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (!stop.get()) {
                HttpRequest.Builder request = HttpRequest.newBuilder(
                                URI.create("http://" + web.upstream("orders") + "/open/1"))
                        .timeout(Duration.ofSeconds(5));
                int status = client.send(
                                post
                                        ? request.POST(BodyPublishers.ofString("x"))
                                                .build()
                                        : request.build(),
                                BodyHandlers.discarding())
                        .statusCode();
                sent.incrementAndGet();
                if (status != 200) {
                    failures.add("status " + status);
                }
            }
        } catch (java.io.IOException | InterruptedException e) {
            failures.add(e.toString());
        }
    }

    @Test
    void idleConnectionsOfAnOldCertificateEndWithinASecondOrTwo(@TempDir Path folder) throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        try (TestApplication application = new TestApplication();
                TestSidecar orders = TestSidecar.start(mesh, "orders", application.address());
                TestSidecar web = TestSidecar.start(mesh, "web", application.address());
                HttpClient client = HttpClient.newHttpClient()) {
            mesh.endpoint("orders", orders.inbound());
            orders.learn();
            web.learn();
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + web.upstream("orders") + "/open/1"))
                    .build();
            assertThat(client.send(request, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
            assertThat(web.connections.list()).hasSize(1);
            orders.rotate();
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> web.connections.list().isEmpty()
                            && orders.connections.list().isEmpty());
            assertThat(client.send(request, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
            web.rotate();
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> web.connections.list().isEmpty()
                            && orders.connections.list().isEmpty());
        }
    }

    /** The key of a certificate lives in the connections that were opened with it: three renewals on either side do not reach them. */
    @Test
    void responseUnderWayGoesOnUnderTheOldCertificatesUntilItsEnd(@TempDir Path folder) throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        CountDownLatch rest = new CountDownLatch(1);
        String half = "x".repeat(50_000);
        try (RawApplication application = RawApplication.plain();
                TestSidecar orders = TestSidecar.start(mesh, "orders", application.address());
                TestSidecar web = TestSidecar.start(mesh, "web", application.address())) {
            mesh.endpoint("orders", orders.inbound());
            orders.learn();
            web.learn();
            application.script = visit -> {
                visit.request();
                visit.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + half);
                try {
                    rest.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                visit.send(half);
            };
            List<String> old = List.of(web.serial(), orders.serial());
            try (RawClient client = RawClient.plain(web.upstream("orders"))) {
                client.send("GET /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n");
                client.until("\r\n\r\n" + half);
                for (int i = 0; i < 3; i++) {
                    web.rotate();
                    orders.rotate();
                }
                web.settle();
                orders.settle();
                assertThat(serials(web)).containsExactly(old);
                assertThat(serials(orders)).containsExactly(old.reversed());
                rest.countDown();
                assertThat(client.until(half)).hasSize(half.length());
                await().atMost(Hop.SOON)
                        .until(() -> serials(web).isEmpty() && serials(orders).isEmpty());
            }
        }
    }

    /** Of every connection: our own, then the peer's. */
    private static List<List<String>> serials(TestSidecar sidecar) {
        return sidecar.connections.list().stream()
                .map(open -> List.of(open.ownSerial(), open.peerSerial()))
                .toList();
    }
}
