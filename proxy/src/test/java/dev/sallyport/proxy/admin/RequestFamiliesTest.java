package dev.sallyport.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.admin.ScrapedPage.Sample;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.testing.CountedRequests;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestFamiliesTest {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String WEB = "spiffe://shop.example/ns/edge/sa/web";
    private static final String ORDERS = "spiffe://shop.example/ns/shop/sa/orders";
    private static final String PAYMENT = "spiffe://shop.example/ns/shop/sa/payment";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final ProxyMetrics metrics = new ProxyMetrics();
    private final CountedRequests inbound = new CountedRequests(metrics, Direction.INBOUND);
    private final CountedRequests outbound = new CountedRequests(metrics, Direction.OUTBOUND);

    private String page(boolean istio, String format) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        MultiCollector families = () -> {
            List<MetricSnapshot> all = new ArrayList<>();
            all.addAll(DecisionMetrics.collect(metrics));
            all.addAll(RequestMetrics.collect(metrics));
            all.addAll(ProcessMetrics.collect());
            if (istio) {
                all.addAll(IstioMetrics.collect(metrics, "orders", ORDERS));
            }
            return new MetricSnapshots(all);
        };
        registry.getPrometheusRegistry().register(families);
        return registry.scrape(format);
    }

    private ScrapedPage scraped() {
        return ScrapedPage.parse(page(false, TEXT));
    }

    private static Consumer<AuditRecord> allowed() {
        return record -> {
            record.verdict = Verdict.ALLOW;
            record.callerId = WEB;
            record.template = "/orders/{id}";
            record.route = "orders/read";
            record.rule = "orders/read/web";
        };
    }

    private static Consumer<AuditRecord> toPayment(int status) {
        return record -> {
            record.verdict = Verdict.ALLOW;
            record.callerId = ORDERS;
            record.upstreamService = "payment";
            record.upstreamId = PAYMENT;
            record.status = status;
        };
    }

    @Test
    void serverDurationsHaveTheLabelsOfOpenTelemetry() {
        inbound.ended(Reason.ALLOWED, allowed());
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> record.durationMicros = 2_000_000));
        Sample count =
                scraped().of("http_server_request_duration_seconds_count").getFirst();
        assertThat(count.value()).isEqualTo(2);
        assertThat(count.labels())
                .containsOnly(
                        Map.entry("http_request_method", "GET"),
                        Map.entry("url_scheme", "https"),
                        Map.entry("http_route", "/orders/{id}"),
                        Map.entry("http_response_status_code", "200"),
                        Map.entry("network_protocol_version", "1.1"));
        assertThat(scraped().of("http_server_request_duration_seconds_bucket"))
                .extracting(sample -> sample.labels().get("le") + "=" + (long) sample.value())
                .containsExactly(
                        "0.005=1", "0.01=1", "0.025=1", "0.05=1", "0.075=1", "0.1=1", "0.25=1", "0.5=1", "0.75=1",
                        "1.0=1", "2.5=2", "5.0=2", "7.5=2", "10.0=2", "+Inf=2");
        assertThat(scraped().sum("http_server_request_duration_seconds_sum")).isEqualTo(2.00001);
    }

    @Test
    void clientDurationsNameTheServiceAndWhatWentWrong() {
        outbound.ended(Reason.ALLOWED, toPayment(200));
        outbound.ended(Reason.ALLOWED, toPayment(404));
        outbound.ended(Reason.UPSTREAM_TIMEOUT, toPayment(504));
        outbound.ended(Reason.UPSTREAM_UNKNOWN, record -> record.authority = "evil.example");
        String count = "http_client_request_duration_seconds_count";
        assertThat(scraped().sum(count, "server_address", "payment")).isEqualTo(3);
        assertThat(scraped()
                        .of(count, "http_response_status_code", "200")
                        .getFirst()
                        .labels())
                .doesNotContainKeys("error_type", "http_route");
        assertThat(scraped().sum(count, "error_type", "404")).isEqualTo(1);
        assertThat(scraped().sum(count, "error_type", "upstream_timeout")).isEqualTo(1);
        assertThat(scraped()
                        .of(count, "error_type", "upstream_unknown")
                        .getFirst()
                        .labels())
                .doesNotContainKey("server_address");
        assertThat(page(true, TEXT)).doesNotContain("evil");
    }

    @Test
    void failureBeyondTheBoundOfCellsIsStillOneWhoeverFilledThem() {
        for (int status = 100; status < 600; status++) {
            int said = status;
            for (String method : List.of("GET", "PUT", "POST", "DELETE")) {
                inbound.ended(Reason.ALLOWED, allowed().andThen(record -> {
                    record.method = method;
                    record.status = said;
                }));
            }
        }
        String count = "http_server_request_duration_seconds_count";
        double before = scraped().sum(count, "http_response_status_code", "5xx", "error_type", "_OTHER");
        inbound.ended(
                Reason.ALLOWED,
                allowed().andThen(record -> record.template = "/new").andThen(record -> record.status = 500));
        inbound.ended(
                Reason.ALLOWED,
                allowed().andThen(record -> record.template = "/new").andThen(record -> record.status = 404));
        assertThat(scraped().sum(count, "http_response_status_code", "5xx", "error_type", "_OTHER"))
                .isEqualTo(before + 1);
        assertThat(scraped()
                        .of(count, "http_response_status_code", "4xx")
                        .getFirst()
                        .labels())
                .doesNotContainKey("error_type");
    }

    @Test
    void applicationsOwnRefusalIsNoErrorOfTheServer() {
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> record.status = 404));
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> record.status = 500));
        String count = "http_server_request_duration_seconds_count";
        assertThat(scraped()
                        .of(count, "http_response_status_code", "404")
                        .getFirst()
                        .labels())
                .doesNotContainKey("error_type");
        assertThat(scraped().sum(count, "error_type", "500")).isEqualTo(1);
    }

    @Test
    void everyRequestIsOneDecisionAndADryRunIsBeside() {
        inbound.ended(Reason.ALLOWED, allowed());
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> {
            record.rule = null;
            record.observed = "caller_not_allowed";
        }));
        inbound.ended(Reason.NO_ROUTE, record -> record.callerId = WEB);
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> {
            record.candidateDecision = "deny";
            record.candidateReason = "guardrail";
            record.candidateRule = "admin/others";
        }));
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> {
            record.candidateDecision = "allow";
            record.candidateReason = "allowed";
            record.candidateRule = "orders/read/web";
        }));
        outbound.ended(Reason.UPSTREAM_UNAVAILABLE, toPayment(503));
        ScrapedPage page = scraped();
        String decisions = "sallyport_authz_decisions_total";
        assertThat(page.sum(decisions, "mode", "enforce") + page.sum(decisions, "mode", "observe"))
                .isEqualTo(5);
        assertThat(page.of(decisions, "mode", "observe").getFirst().labels())
                .containsOnly(
                        Map.entry("decision", "deny"),
                        Map.entry("mode", "observe"),
                        Map.entry("reason", "caller_not_allowed"),
                        Map.entry("policy", "orders"),
                        Map.entry("http_route", "/orders/{id}"),
                        Map.entry("source_principal", WEB));
        assertThat(page.of(decisions, "reason", "no_route").getFirst().labels())
                .doesNotContainKeys("http_route", "policy");
        assertThat(page.sum(decisions, "mode", "dryRun", "decision", "deny", "policy", "admin"))
                .isEqualTo(1);
        assertThat(page.of("sallyport_authz_candidate_divergence_total"))
                .singleElement()
                .satisfies(sample -> assertThat(sample.labels())
                        .containsOnly(
                                Map.entry("from", "allow"), Map.entry("to", "deny"), Map.entry("policy", "admin")));
        assertThat(page.sum("sallyport_authz_observed_total", "reason", "caller_not_allowed"))
                .isEqualTo(1);
    }

    @Test
    void issuerIsNamedOnlyOfTokensThatWereVerified() {
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> {
            record.tokenResult = "verified";
            record.userIssuer = "https://id.example";
        }));
        inbound.ended(Reason.TOKEN_SIGNATURE, record -> {
            record.tokenResult = "token_signature";
            record.userIssuer = "https://evil.example";
        });
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> record.tokenResult = "absent"));
        assertThat(scraped().of("sallyport_jwt_validations_total"))
                .extracting(Sample::labels)
                .containsExactlyInAnyOrder(
                        Map.of("result", "verified", "issuer", "https://id.example"),
                        Map.of("result", "token_signature"));
    }

    @Test
    void exemplarsAreInOpenMetricsOnlyAndOfRecordedSpansOnly() {
        inbound.ended(Reason.ALLOWED, new Span(0x1234, 0), allowed().andThen(record -> record.traceId = TRACE));
        inbound.ended(Reason.NO_ROUTE, record -> record.traceId = "00000000000000000000000000000bad");
        assertThat(page(true, TEXT)).doesNotContain(TRACE);
        String page = page(true, OPEN_METRICS);
        assertThat(page).doesNotContain("bad").doesNotContain("1234").endsWith("# EOF\n");
        assertThat(ScrapedPage.parse(page.replace("# EOF\n", ""))
                        .of("http_server_request_duration_seconds_bucket", "le", "0.005", "http_route", "/orders/{id}")
                        .getFirst()
                        .exemplar())
                .hasValueSatisfying(
                        exemplar -> assertThat(exemplar).startsWith("{trace_id=\"" + TRACE + "\"} 1.0E-5 "));
    }

    @Test
    void istioNamesHaveIstiosLabels() {
        inbound.ended(Reason.ALLOWED, allowed());
        outbound.ended(Reason.UPSTREAM_TIMEOUT, toPayment(504));
        ScrapedPage page = ScrapedPage.parse(page(true, TEXT));
        Map<String, String> destination = page.of("istio_requests_total", "reporter", "destination")
                .getFirst()
                .labels();
        assertThat(destination)
                .containsEntry("source_principal", WEB)
                .containsEntry("source_workload", "web")
                .containsEntry("source_workload_namespace", "edge")
                .containsEntry("source_version", "unknown")
                .containsEntry("source_canonical_revision", "latest")
                .containsEntry("destination_principal", ORDERS)
                .containsEntry("destination_service", "orders")
                .containsEntry("connection_security_policy", "mutual_tls")
                .containsEntry("response_code", "200")
                .containsEntry("response_flags", "-")
                .containsEntry("grpc_response_status", "");
        Map<String, String> source =
                page.of("istio_requests_total", "reporter", "source").getFirst().labels();
        assertThat(source)
                .containsEntry("destination_service_name", "payment")
                .containsEntry("destination_service_namespace", "shop")
                .containsEntry("source_workload", "orders")
                .containsEntry("connection_security_policy", "unknown")
                .containsEntry("response_flags", "UT");
        assertThat(source.keySet()).isEqualTo(destination.keySet()).hasSize(25);
        assertThat(page.sum("istio_request_duration_milliseconds_bucket", "le", "5.0"))
                .isEqualTo(2);
        assertThat(page(false, TEXT)).doesNotContain("istio_");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quote \" end",
                "line\nfeed",
                "back\\slash\\n",
                "\"} 1\nforged_total{x=\"y\"} 2\n# EOF",
                "\u001b[31mred",
                "tab\tand\rreturn",
                "\u2028 ünï \ud83d\ude00"
            })
    void valueOfALabelCannotBecomeALine(String hostile) {
        inbound.ended(Reason.ALLOWED, record -> {
            record.callerId = hostile;
            record.template = hostile;
            record.rule = hostile;
            record.tokenResult = "verified";
            record.userIssuer = hostile;
            record.method = hostile;
        });
        outbound.ended(Reason.ALLOWED, record -> record.upstreamService = hostile);
        ScrapedPage page = ScrapedPage.parse(page(true, TEXT));
        assertThat(page.of("forged_total")).isEmpty();
        assertThat(page.sum("sallyport_authz_decisions_total", "source_principal", hostile, "http_route", hostile))
                .isEqualTo(1);
        assertThat(page.sum("http_client_request_duration_seconds_count", "server_address", hostile))
                .isEqualTo(1);
        assertThat(page.sum("sallyport_jwt_validations_total", "issuer", hostile))
                .isEqualTo(1);
        assertThat(page.sum("istio_requests_total", "source_principal", hostile))
                .isEqualTo(1);
        assertThat(page.sum("http_server_request_duration_seconds_count", "http_request_method", "_OTHER"))
                .isEqualTo(1);
    }

    @Test
    void textThatIsNoUnicodeStaysOneValue() {
        inbound.ended(Reason.ALLOWED, record -> record.template = "/lone-\ud800-surrogate");
        String sent = new String(page(false, TEXT).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        assertThat(ScrapedPage.parse(sent).sum("sallyport_authz_decisions_total", "http_route", "/lone-?-surrogate"))
                .isEqualTo(1);
    }

    @Test
    void requestsUnderWayAreShownByDirection() {
        inbound.started();
        inbound.started();
        outbound.started();
        assertThat(scraped().sum("http_server_active_requests")).isEqualTo(2);
        assertThat(scraped().sum("http_client_active_requests")).isEqualTo(1);
    }

    @Test
    void bodiesAreMeasured() {
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> {
            record.requestBytes = 257;
            record.responseBytes = 1 << 30;
        }));
        ScrapedPage page = scraped();
        assertThat(page.sum("http_server_request_body_size_bytes_bucket", "le", "256.0"))
                .isZero();
        assertThat(page.sum("http_server_request_body_size_bytes_bucket", "le", "1024.0"))
                .isEqualTo(1);
        assertThat(page.sum("http_server_response_body_size_bytes_bucket", "le", "6.7108864E7"))
                .isZero();
        assertThat(page.sum("http_server_response_body_size_bytes_sum")).isEqualTo(1 << 30);
    }

    @Test
    void processHasTheUsualNames() {
        ScrapedPage page = scraped();
        assertThat(page.sum("process_cpu_seconds_total")).isPositive();
        assertThat(page.sum("process_resident_memory_bytes")).isGreaterThan(1 << 20);
        assertThat(page.sum("process_open_fds")).isGreaterThan(2);
    }

    @Test
    void promtoolAgrees() throws Exception {
        Path promtool = Stream.of(System.getenv("PATH").split(":", -1))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> Assumptions.abort("skipped: no promtool on the PATH (package prometheus)"));
        inbound.ended(Reason.ALLOWED, allowed().andThen(record -> record.tokenResult = "verified"));
        inbound.ended(Reason.NO_ROUTE, record -> record.callerId = WEB);
        outbound.ended(Reason.UPSTREAM_UNAVAILABLE, toPayment(503));
        assertThat(promtool(promtool, page(false, TEXT))).isEmpty();
        assertThat(promtool(promtool, page(true, TEXT))) // Istio's name is Istio's to choose.
                .isEqualTo("istio_request_duration_milliseconds use base unit \"seconds\" instead of \"milliseconds\"");
    }

    /** What it has to say against a page, if anything. */
    private static String promtool(Path promtool, String page) throws Exception {
        Process check = new ProcessBuilder(promtool.toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (var in = check.getOutputStream()) {
            in.write(page.getBytes(StandardCharsets.UTF_8));
        }
        return new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
