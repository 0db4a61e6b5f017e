package dev.sallyport.proxy;

import static dev.sallyport.proxy.ProxyProcess.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.admin.ScrapedPage;
import dev.sallyport.proxy.testing.FakeControlPlane;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.trace.FakeTraceCollector;
import dev.sallyport.proxy.trace.Otlp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar as a process that tells a trace collector and a scrape of its requests: what they read is theirs to read, whatever a client writes wherever it can. */
@Timeout(180)
class ObserversProcessTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String SECRET = "s3cr3t-of-the-client";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

    private static final List<String> NASTY = List.of(
            "\"} 1\nforged_total{x=\"y\"} 2\n# EOF\n",
            "\r\nx-forged: 1",
            "\u001b[2J\u001b[31m",
            "\u0000\u0007\u007f\u009b31m",
            "\u00e2\u0080\u00a8\u00e2\u0080\u00a9", // U+2028 and U+2029 in UTF-8
            "\u00ff\u00fe\u00c0\u00ae\u00ed\u00a0\u0080", // no UTF-8
            "%0a%0d%1b%5b2J%ff",
            ("\u001b[31m\u00ff\"\\{}" + "q".repeat(56)).repeat(64),
            "q".repeat(1 << 20));

    private static final List<String> PLACES = List.of(
            "GET§ /orders HTTP/1.1\r\nHost: orders\r\n\r\n",
            "GET /orders?mode=" + SECRET + "§ HTTP/1.1\r\nHost: orders\r\n\r\n",
            "GET /" + SECRET + "§ HTTP/1.1\r\nHost: orders\r\n\r\n",
            "GET /orders HTTP/1.1§\r\nHost: orders\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost: orders§\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost: orders\r\nUser-Agent: " + SECRET + "§\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost: orders\r\nx-forwarded-for: §\r\nx-sallyport-user: §\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost: orders\r\nx-request-id: §\r\ntraceparent: 00-§\r\ntracestate: a=§\r\nbaggage: a=§\r\nb3: §\r\n\r\n",
            "GET /orders HTTP/1.1\r\nHost: orders\r\nAuthorization: Bearer " + SECRET + "§\r\n\r\n");

    @TempDir
    private Path folder;

    private TestMesh mesh;
    private FakeControlPlane controlPlane;
    private FakeTraceCollector traces;
    private RawApplication application;
    private ProxyProcess orders;
    private String ready;
    private SSLContext payment;

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        controlPlane = new FakeControlPlane(mesh);
        traces = new FakeTraceCollector();
        application = RawApplication.plain();
        controlPlane.publish(mesh.signed(mesh.snapshot(1)));
        Files.write(
                folder.resolve("orders.join"),
                mesh.joinFile(controlPlane.sidecarsAddress(), controlPlane.enrolmentAddress(), TestMesh.TOKEN)
                        .toBytes());
        String config = """
                service: orders
                application: APPLICATION
                stateDirectory: ./state
                inbound: {listen: "127.0.0.1:0"}
                outbound: {listen: "127.0.0.1:0", upstreams: {payment: "127.0.0.1:0"}}
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0", compat: [istio]}
                health: {listen: "127.0.0.1:0"}
                traces: {endpoint: "TRACES", ratio: 1}
                controlPlane: {joinTokenFile: ./orders.join, joinWait: 5s}
                """.replace("APPLICATION", application.address().toString())
                .replace("TRACES", traces.url().toString());
        orders = ProxyProcess.start(
                folder.resolve("stderr"),
                "--config",
                Files.writeString(folder.resolve("orders.yaml"), config).toString());
        ready = orders.ready();
        X509Svid svid = mesh.svid(mesh.id("payment"));
        payment = RawClient.context(svid, mesh.bundle());
    }

    @AfterEach
    void stop() throws Exception {
        orders.close();
        application.close();
        traces.close();
        controlPlane.close();
    }

    /** Begins a connection of payment's. */
    private RawClient connect() throws IOException {
        HostPort inbound = HostPort.parse(field(ready, "inbound")).orElseThrow();
        return RawClient.tls(inbound, payment, "8080.orders.shop.example");
    }

    private void send(String request) {
        try (RawClient client = connect()) {
            client.send(request);
            client.until("\r\n\r\n");
        } catch (IOException refused) {
            // The rest of a megabyte is not read.
        }
    }

    private String ask(String... fields) throws Exception {
        return connect()
                .ask("GET /orders HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n"
                        + String.join("\r\n", fields)
                        + (fields.length == 0 ? "\r\n" : "\r\n\r\n"));
    }

    /** As it came, which is UTF-8 to the letter. */
    private String page(String accept) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            byte[] page = client.send(
                            HttpRequest.newBuilder(URI.create("http://" + field(ready, "metrics") + "/metrics"))
                                    .header("accept", accept)
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray())
                    .body();
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(page))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("no UTF-8", e);
        }
    }

    private ScrapedPage scraped() throws Exception {
        return ScrapedPage.parse(page("text/plain"));
    }

    /** Until every request is over and every span of them is with the collector. */
    private ScrapedPage settled() throws Exception {
        await().atMost(SOON).until(() -> {
            ScrapedPage page = scraped();
            return page.sum("http_server_active_requests") == 0
                    && page.sum("sallyport_spans_total", "result", "sent")
                            == traces.spans().size();
        });
        return scraped();
    }

    @Test
    void whatAClientWritesStandsInNoSpanAndMakesNoSeries() throws Exception {
        int sent = 0;
        for (String place : PLACES) {
            for (String nasty : NASTY) {
                send(place.replace("§", nasty));
                sent++;
            }
        }
        assertThat(ask()).startsWith("HTTP/1.1 200 ");
        ScrapedPage page = settled();
        assertThat(page.of("forged_total")).isEmpty();
        assertThat(page.sum("sallyport_authz_decisions_total")).isGreaterThan(sent);
        assertThat(page.sum("istio_requests_total", "reporter", "destination"))
                .isEqualTo(page.sum("http_server_request_duration_seconds_count"));
        assertThat(page.samples().size()).isLessThan(2000);
        assertThat(page.samples())
                .allSatisfy(sample -> assertThat(sample.labels().values())
                        .allMatch(value -> value.length() < 200 && printable(value)));
        for (String text : List.of(page("text/plain"), page(OPEN_METRICS))) {
            assertThat(ScrapedPage.parse(text).of("sallyport_build_info")).hasSize(1);
            assertThat(text).doesNotContain(SECRET, "forged", "qqqq", "[31m");
        }
        assertThat(traces.spans())
                .hasSizeGreaterThan(NASTY.size()); // What is malformed is refused before it has a trace.
        assertThat(page.sum("sallyport_spans_total", "result", "failed")).isZero();
        assertThat(traces.bytes()).doesNotContain(SECRET, "forged", "qqqq", "[31m");
        assertThat(traces.spans()).allSatisfy(ObserversProcessTest::assertReadable);
        assertThat(orders.log()).doesNotContain("\"level\":\"error\"", SECRET, "qqqq", "\u001b");
    }

    private static void assertReadable(Otlp.Seen span) {
        assertThat(span.name()).matches(ObserversProcessTest::printable).hasSizeLessThan(300);
        assertThat(span.attributes().values())
                .allMatch(value -> value.toString().length() <= 256 && printable(value.toString()));
    }

    private static boolean printable(String text) {
        return text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    @Test
    void requestIsUnderEveryNameOnThePageAndItsTraceIsAnExemplar() throws Exception {
        assertThat(ask("traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01")).startsWith("HTTP/1.1 200 ");
        ScrapedPage page = settled();
        String[] istio = {
            "reporter", "destination",
            "source_principal", mesh.id("payment").toString(),
            "source_workload", "payment",
            "source_workload_namespace", "shop",
            "destination_principal", mesh.id("orders").toString(),
            "destination_service", "orders",
            "request_protocol", "http",
            "response_code", "200",
            "response_flags", "-",
            "connection_security_policy", "mutual_tls"
        };
        assertThat(page.sum("istio_requests_total", istio)).isEqualTo(1);
        assertThat(page.sum("istio_request_duration_milliseconds_count", istio)).isEqualTo(1);
        assertThat(page.sum("istio_request_bytes_count", istio)).isEqualTo(1);
        assertThat(page.sum("istio_response_bytes_sum", istio)).isEqualTo(2);
        assertThat(page.sum("sallyport_authz_decisions_total", "decision", "allow", "http_route", "/orders"))
                .isEqualTo(1);
        assertThat(ScrapedPage.parse(page(OPEN_METRICS)).of("http_server_request_duration_seconds_bucket"))
                .anySatisfy(sample -> assertThat(sample.exemplar().orElse("")).contains("trace_id=\"" + TRACE + "\""));
    }

    @Test
    void spanOfTheLastRequestIsSentBeforeTheEnd() throws Exception {
        assertThat(ask("traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01")).startsWith("HTTP/1.1 200 ");
        orders.process().destroy(); // SIGTERM
        assertThat(orders.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(traces.spans()).hasSize(1).allSatisfy(span -> {
            assertThat(span.trace()).isEqualTo(TRACE);
            assertThat(span.parent()).isEqualTo("00f067aa0ba902b7");
            assertThat(span.name()).isEqualTo("GET /orders");
            assertThat(span.attributes())
                    .containsEntry(
                            "sallyport.source_principal", mesh.id("payment").toString())
                    .containsEntry("security_rule.name", "orders/list/payment");
        });
        assertThat(Otlp.read(traces.requests.getFirst().body()).resource())
                .containsEntry("service.name", "orders")
                .containsEntry("sallyport.spiffe_id", mesh.id("orders").toString());
        assertThat(orders.log()).doesNotContain("\"level\":\"error\"");
    }
}
