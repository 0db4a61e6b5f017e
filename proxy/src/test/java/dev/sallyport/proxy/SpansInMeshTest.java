package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.proxy.Passing.Arrival;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.Sampling;
import dev.sallyport.proxy.telemetry.SpanMetrics.Result;
import dev.sallyport.proxy.telemetry.Telemetry;
import dev.sallyport.proxy.trace.FakeTraceCollector;
import dev.sallyport.proxy.trace.Origin;
import dev.sallyport.proxy.trace.Otlp;
import dev.sallyport.proxy.trace.SpanExporter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One trace through three sidecars, as a collector sees it; and what it must not see: while a user's request is under way, its span is as good as the user. */
@Timeout(60)
class SpansInMeshTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String FIRST = "00f067aa0ba902b7";

    private final Transport side = Transport.open("side", 1);
    private final List<SpanExporter> exporters = new ArrayList<>();
    private FakeTraceCollector collector;
    private Passing mesh;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        collector = new FakeTraceCollector();
        mesh = Passing.open(folder, Passing.DOCUMENTS, Map.of(), this::exporting);
        exporters.forEach(SpanExporter::start);
    }

    private Telemetry exporting(TestSidecar sidecar) {
        SpanExporter exporter = new SpanExporter(
                SpanExporter.Settings.of(collector.url(), Optional.empty()),
                new Origin(sidecar.service, "1", "test", Optional::empty),
                sidecar.journeys::holds,
                side,
                sidecar.metrics.spans(),
                new Random(1));
        exporters.add(exporter);
        return new Telemetry(sidecar.metrics, new Sampling(true, 1), List.of(exporter));
    }

    @AfterEach
    void stop() throws Exception {
        mesh.close();
        exporters.forEach(exporter -> exporter.finish(Duration.ZERO));
        collector.close();
        side.loops().shutdownGracefully();
    }

    private String[] user() throws Exception {
        return user(mesh);
    }

    private static String[] user(Passing mesh) throws Exception {
        return new String[] {
            "authorization: Bearer " + mesh.mesh.token("alice", "customer"),
            "traceparent: 00-" + TRACE + "-" + FIRST + "-01",
            "user-agent: %1b[31m" + "x".repeat(4000),
            "cookie: session=delicious"
        };
    }

    private Otlp.Seen seen(int kind, String service) throws Exception {
        for (FakeTraceCollector.Request request : collector.requests) {
            Otlp.Batch batch = Otlp.read(request.body());
            for (Otlp.Seen span : batch.spans()) {
                if (span.kind() == kind && service.equals(batch.resource().get("service.name"))) {
                    return span;
                }
            }
        }
        throw new AssertionError("no span of " + service);
    }

    /** From the caller's span on, child after child: {@code in orders}, {@code out orders} and so on; each has one. */
    private List<String> chain() throws Exception {
        Map<String, Otlp.Seen> byParent = new HashMap<>();
        Map<String, String> services = new HashMap<>();
        for (FakeTraceCollector.Request request : collector.requests) {
            Otlp.Batch batch = Otlp.read(request.body());
            for (Otlp.Seen span : batch.spans()) {
                assertThat(span.trace()).isEqualTo(TRACE);
                assertThat(byParent.put(span.parent(), span)).isNull();
                services.put(span.span(), String.valueOf(batch.resource().get("service.name")));
            }
        }
        List<String> chain = new ArrayList<>();
        for (Otlp.Seen span = byParent.remove(FIRST); span != null; span = byParent.remove(span.span())) {
            chain.add((span.kind() == 2 ? "in " : "out ") + services.get(span.span()));
        }
        assertThat(byParent).isEmpty();
        return chain;
    }

    private static String spanOf(String parent) {
        Matcher digits = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-01").matcher(parent);
        assertThat(digits.find()).as(parent).isTrue();
        assertThat(digits.group(1)).isEqualTo(TRACE);
        return digits.group(2);
    }

    @Test
    void everyHopIsTheChildOfTheHopBefore() throws Exception {
        String toOrders;
        String toPayment;
        try (Arrival atOrders = mesh.arriveWith("POST /orders?secret=query", user())) {
            toOrders = spanOf(atOrders.field("traceparent"));
            assertThat(atOrders.asks("payment", "GET /charges", atOrders.parent(), atOrders.state()))
                    .startsWith("HTTP/1.1 200 ");
            toPayment = spanOf(mesh.payment.received());
            atOrders.end();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> collector.spans().size() == 3);
        Otlp.Seen ordersIn = seen(2, "orders");
        Otlp.Seen ordersOut = seen(3, "orders");
        Otlp.Seen paymentIn = seen(2, "payment");
        assertThat(List.of(ordersIn.trace(), ordersOut.trace(), paymentIn.trace()))
                .containsOnly(TRACE);
        assertThat(ordersIn.parent()).isEqualTo(FIRST);
        assertThat(ordersIn.span()).isEqualTo(toOrders);
        assertThat(ordersOut.parent()).isEqualTo(toOrders);
        assertThat(paymentIn.parent()).isEqualTo(ordersOut.span());
        assertThat(paymentIn.span()).isEqualTo(toPayment);
        assertThat(ordersIn.name()).isEqualTo("POST /orders");
        assertThat(paymentIn.attributes()).containsEntry("security_rule.name", "payment/charges/orders");
        assertThat(paymentIn.attributes().get("user.hash")).isEqualTo(mesh.inboundRecord("payment").userHash);
        assertThat(collector.bytes())
                .doesNotContain("eyJ", "alice", "delicious", "secret", "xxxx", "[31m", "sallyport=");
    }

    @Test
    void traceOverFourServicesIsOneChain() throws Exception {
        try (Arrival atOrders = mesh.arriveWith("POST /orders", user());
                Arrival atPayment =
                        mesh.arriveBy(atOrders, "payment", "GET /charges", atOrders.parent(), atOrders.state());
                Arrival atWeb =
                        mesh.arriveBy(atPayment, "web", "GET /receipts", atPayment.parent(), atPayment.state())) {
            assertThat(atWeb.asks("orders", "POST /open", "Content-Length: 0", atWeb.parent()))
                    .startsWith("HTTP/1.1 200 ");
            atWeb.end();
            atPayment.end();
            atOrders.end();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> collector.spans().size() == 7);
        assertThat(chain())
                .containsExactly(
                        "in orders", "out orders", "in payment", "out payment", "in web", "out web", "in orders");
    }

    @Test
    void spanIsHeldAsLongAsTheGraceInWhichItIsAsGoodAsAUser(@TempDir Path folder) throws Exception {
        Duration grace = Duration.ofSeconds(3);
        exporters.clear();
        try (Passing graceful = Passing.open(folder, Passing.DOCUMENTS, Map.of("userGrace", grace), this::exporting)) {
            exporters.forEach(SpanExporter::start);
            Arrival atOrders = graceful.arriveWith("POST /orders", user(graceful));
            String octets = octets(spanOf(atOrders.parent()));
            atOrders.end();
            List<Boolean> asGood = new ArrayList<>();
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                String told = collector.bytes(); // First: what is told now is not to be of use a moment later.
                asGood.add(atOrders.asks("payment", "GET /charges", atOrders.parent())
                        .startsWith("HTTP/1.1 200 "));
                if (asGood.getLast()) {
                    assertThat(told).doesNotContain(octets);
                }
                return !asGood.getLast();
            });
            assertThat(asGood.size()).isGreaterThan(5);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(collector.bytes()).contains(octets));
        }
    }

    private static String octets(String span) {
        return new String(HexFormat.of().parseHex(span), StandardCharsets.ISO_8859_1);
    }

    @Test
    void spanOfARequestUnderWayLeavesOnlyWhenItHasEnded() throws Exception {
        Arrival atOrders = mesh.arriveWith("POST /orders", user());
        String span = atOrders.parent()
                .substring(atOrders.parent().indexOf(TRACE) + 33)
                .substring(0, 16);
        assertThat(atOrders.asks("payment", "GET /charges", atOrders.parent())).startsWith("HTTP/1.1 200 ");
        assertThat(atOrders.asks("payment", "GET /open", "b3: " + TRACE + "-" + span + "-1-" + span, atOrders.parent()))
                .startsWith("HTTP/1.1 200 ");
        assertThat(mesh.payment.received()).doesNotContain(span);
        TestSidecar payment = mesh.sidecar("payment");
        await().atMost(Duration.ofSeconds(10))
                .until(() -> payment.metrics.spans().count(Result.SENT) == 2);
        await().pollDelay(Duration.ofMillis(2500))
                .atMost(Duration.ofSeconds(10))
                .until(() -> true);
        String octets = octets(span);
        assertThat(collector.bytes()).doesNotContain(span, octets);
        assertThat(mesh.orders.metrics.spans().count(Result.SENT)).isZero();
        atOrders.end();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> mesh.orders.metrics.spans().count(Result.SENT) == 3);
        assertThat(collector.bytes()).contains(octets);
        atOrders.close();
    }

    @Test
    void userGoesOnByB3Alone() throws Exception {
        String[] fields = user();
        fields[1] = "b3: " + TRACE + "-" + FIRST + "-1";
        try (Arrival atOrders = mesh.arriveWith("POST /orders", fields)) {
            assertThat(atOrders.field("b3")).isEqualTo(TRACE + "-" + spanOf(atOrders.field("traceparent")) + "-1");
            assertThat(atOrders.asks("payment", "GET /charges", "b3: " + atOrders.field("b3")))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(atOrders.asks("payment", "GET /charges", "b3: " + TRACE + "-" + FIRST + "-1"))
                    .startsWith("HTTP/1.1 401 ");
            atOrders.end();
        }
    }
}
