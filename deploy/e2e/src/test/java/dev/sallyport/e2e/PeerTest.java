package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the tests against real counterparts rely on, without anything of ours: what was sent by hand is read back, once, and what was not sent is not. */
class PeerTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Instant now = Instant.now();

    @RegisterExtension
    final PeerLogs logs = new PeerLogs();

    @TempDir
    Path folder;

    @Test
    void jaegerGivesBackASpanAndNothingOfATraceThatItWasNotTold() throws Exception {
        try (Jaeger jaeger = Jaeger.start(folder)) {
            logs.add(jaeger::log);
            jaeger.post(spans());
            List<Jaeger.Span> spans = jaeger.spans(TRACE, 2);
            assertThat(spans).hasSize(2).anySatisfy(span -> {
                assertThat(span.parent()).isEmpty();
                assertThat(span.kind()).isEqualTo("server");
                assertThat(span.service()).isEqualTo("by-hand");
                assertThat(span.name()).isEqualTo("GET /things/{id}");
                assertThat(span.tags()).containsEntry("http.response.status_code", "200");
            });
            assertThat(spans).anySatisfy(span -> {
                assertThat(span.parent()).isEqualTo("b7ad6b7169203331");
                assertThat(span.kind()).isEqualTo("client");
            });
            assertThat(jaeger.everything("by-hand")).contains(TRACE);
            assertThat(jaeger.trace("1" + TRACE.substring(1))).isEmpty();
        }
    }

    @Test
    void collectorHasWhatItAnsweredAfterItWasKilled() throws Exception {
        try (OtelCollector collector = OtelCollector.start(folder)) {
            logs.add(collector::log);
            collector.post("logs", log("first")).expect(200);
            collector.kill();
            assertThat(collector.logRecords()).hasSize(1);
            collector.start();
            collector.post("logs", log("second")).expect(200);
            assertThat(collector.logRecords())
                    .extracting(record -> record.attribute("audit.record.id"))
                    .containsExactly("first", "second");
            assertThat(collector.logRecords().getFirst().service()).isEqualTo("by-hand");
            collector.post("logs", "{\"resourceLogs\": 7}").expect(400);

            collector.post("traces", spans()).expect(200);
            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(collector.spans(TRACE)).hasSize(2));
            assertThat(collector.spans("1" + TRACE.substring(1))).isEmpty();
        }
    }

    @Test
    void lokiCountsWhatWasPushedAndALineThatCameTwiceOnce() throws Exception {
        try (Loki loki = Loki.start(folder)) {
            logs.add(loki::log);
            String push = """
                    {"streams": [{"stream": {"service": "by-hand"}, "values": [["%s", "first"], ["%s", "second"]]}]}
                    """.formatted(nanos(0), nanos(1));
            loki.push(push).expect(204);
            loki.push(push).expect(204);
            await().atMost(DEADLINE)
                    .untilAsserted(() ->
                            assertThat(loki.count("{service=\"by-hand\"}")).isEqualTo(2));
            assertThat(loki.lines("{service=\"by-hand\"}")).containsExactly("first", "second");
            assertThat(loki.count("{service=\"nobody\"}")).isZero();
        }
    }

    private String log(String id) {
        return """
                {"resourceLogs": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "by-hand"}}]},
                  "scopeLogs": [{"logRecords": [{"timeUnixNano": "%s", "attributes": [{"key": "audit.record.id", "value": {"stringValue": "%s"}}]}]}]}]}
                """.formatted(nanos(0), id);
    }

    private String spans() {
        return """
                {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "by-hand"}}]}, "scopeSpans": [{"spans": [
                  {"traceId": "%s", "spanId": "b7ad6b7169203331", "name": "GET /things/{id}", "kind": 2, "startTimeUnixNano": "%s", "endTimeUnixNano": "%s",
                   "attributes": [{"key": "http.response.status_code", "value": {"intValue": "200"}}]},
                  {"traceId": "%s", "spanId": "b7ad6b7169203332", "parentSpanId": "b7ad6b7169203331", "name": "GET", "kind": 3, "startTimeUnixNano": "%s", "endTimeUnixNano": "%s"}]}]}]}
                """.formatted(TRACE, nanos(0), nanos(9), TRACE, nanos(1), nanos(8));
    }

    private String nanos(int later) {
        return "%d%09d".formatted(now.getEpochSecond(), later);
    }
}
