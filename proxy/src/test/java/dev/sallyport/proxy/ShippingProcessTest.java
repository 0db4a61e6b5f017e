package dev.sallyport.proxy;

import static dev.sallyport.proxy.ProxyProcess.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.WordKeys;
import dev.sallyport.document.HostPort;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar as a process: its records reach the collector over the connection that it has, with its end; its keys are followed on disk. */
@Timeout(120)
class ShippingProcessTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private String config() throws Exception {
        return Files.writeString(folder.resolve("orders.yaml"), """
                service: orders
                application: 127.0.0.1:9
                stateDirectory: ./state
                inbound: {listen: "127.0.0.1:0"}
                outbound: {listen: "127.0.0.1:0", upstreams: {payment: "127.0.0.1:0"}}
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0"}
                health: {listen: "127.0.0.1:0"}
                audit: {shipTimeout: 5s, mebibytesMax: 512}
                controlPlane: {joinTokenFile: ./orders.join, joinWait: 5s}
                """).toString();
    }

    private static String get(String address, String page) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://" + address + page))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static void call(String ready) throws Exception {
        HostPort payment = HostPort.parse(field(ready, "payment")).orElseThrow();
        RawClient.plain(payment).ask("GET /charges HTTP/1.1\r\nHost: payment\r\nConnection: close\r\n\r\n");
    }

    @Test
    void recordsAndTheEndReachTheCollectorAndANewEpochIsFollowed() throws Exception {
        TestMesh mesh = new TestMesh(folder.resolve("authority"));
        try (FakeControlPlane controlPlane = new FakeControlPlane(mesh)) {
            controlPlane.publish(mesh.signed(mesh.snapshot(1)));
            Files.write(
                    folder.resolve("orders.join"),
                    mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN)
                            .toBytes());
            try (ProxyProcess proxy = ProxyProcess.start(folder.resolve("stderr"), "--config", config())) {
                String ready = proxy.ready();
                call(ready);
                await().atMost(SOON)
                        .until(() -> controlPlane.collector.lines().stream()
                                .anyMatch(line -> line.contains("\"sallyport.direction\":\"outbound\"")));
                await().atMost(SOON)
                        .until(() ->
                                get(field(ready, "metrics"), "/metrics").contains("sallyport_audit_lag_records 0.0"));
                assertThat(get(field(ready, "metrics"), "/metrics"))
                        .contains(
                                "sallyport_audit_shipped_total ",
                                "sallyport_audit_lag_bytes 0.0",
                                "sallyport_audit_used_bytes ")
                        .contains("sallyport_audit_bound_bytes " + (double) (512L << 20));
                assertThat(get(field(ready, "admin"), "/stats"))
                        .contains("\"stream\":\"orders/", "\"lagRecords\":0", "\"problem\":\"\"");

                new WordKeys(folder.resolve("state"), Clock.systemUTC()).rotate();
                await().atMost(SOON).until(() -> proxy.log().contains("new epoch of the audit log's words"));

                proxy.process().destroy(); // SIGTERM
                assertThat(proxy.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(proxy.log()).doesNotContain("\"level\":\"error\"", "stay behind");
            }
            assertThat(controlPlane.collector.lines().getLast()).contains("\"sallyport.audit.phase\":\"end\"");
            assertThat(controlPlane.collector.batches)
                    .allSatisfy(batch -> assertThat(batch.seal().stream()).startsWith("orders/"));
        }
    }
}
