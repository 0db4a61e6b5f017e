package dev.sallyport.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A real Jaeger (version 2) that keeps traces in memory: spans come in by OTLP over HTTP and are read back by the API that its own pages use. */
final class Jaeger implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final Duration READ_WITHIN = Duration.ofSeconds(30);

    private final PeerProcess process;
    private final int otlp;
    private final int query;

    private Jaeger(PeerProcess process, int otlp, int query) {
        this.process = process;
        this.otlp = otlp;
        this.query = query;
    }

    /** One span as Jaeger has it. {@code parent}: {@code ""} for a root. */
    record Span(String id, String parent, String service, String name, Map<String, String> tags) {
        String kind() {
            return tags.getOrDefault("span.kind", "internal");
        }
    }

    /** {@code folder} is made. */
    static Jaeger start(Path folder) throws IOException, InterruptedException {
        Path program = Peer.JAEGER.program();
        Files.createDirectories(folder);
        List<Integer> ports = PeerProcess.freePorts(3);
        Path config = Files.writeString(
                folder.resolve("jaeger.yaml"), """
            service:
              extensions: [jaeger_storage, jaeger_query]
              pipelines: {traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}}
              telemetry: {metrics: {level: none}}
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:%d"}}}}
            extensions:
              jaeger_storage: {backends: {memory: {memory: {max_traces: 10000}}}}
              jaeger_query: {enable_tracing: false, storage: {traces: memory}, http: {endpoint: "127.0.0.1:%d"}, grpc: {endpoint: "127.0.0.1:%d"}}
            exporters: {jaeger_storage_exporter: {trace_storage: memory}}
            """.formatted(ports.get(0), ports.get(1), ports.get(2)));
        PeerProcess process = PeerProcess.start(
                List.of(program.toString(), "--config", config.toString()),
                folder.resolve("jaeger.log"),
                READY_WITHIN,
                () -> Http.send("GET", "http://127.0.0.1:" + ports.get(1) + "/api/services", "")
                                        .status()
                                == 200
                        && post(ports.get(0), "{\"resourceSpans\":[]}").status() == 200);
        return new Jaeger(process, ports.get(0), ports.get(1));
    }

    private static Http.Answer post(int port, String spans) {
        return Http.send("POST", "http://127.0.0.1:" + port + "/v1/traces", spans, "content-type", "application/json");
    }

    /** For {@code traces.endpoint}. */
    String endpoint() {
        return "http://127.0.0.1:" + otlp;
    }

    /** Sends {@code ExportTraceServiceRequest} in JSON. */
    void post(String spans) {
        post(otlp, spans).expect(200);
    }

    /** What it has of a trace now; {@code ""} if it knows none of that id. */
    String trace(String id) {
        Http.Answer answer = Http.send("GET", "http://127.0.0.1:" + query + "/api/traces/" + id, "");
        return answer.status() == 404 ? "" : answer.expect(200).response().body();
    }

    /** Spans of a trace, once there are so many. */
    List<Span> spans(String id, int count) {
        await().atMost(READ_WITHIN).until(() -> spans(id).size() >= count);
        return spans(id);
    }

    /** Those that it has now, in no order. */
    List<Span> spans(String id) {
        String text = trace(id);
        List<Span> spans = new ArrayList<>();
        if (!text.isEmpty()) {
            JsonNode trace = Mesh.json(text).at("/data/0");
            for (JsonNode span : trace.path("spans")) {
                spans.add(span(span, trace.path("processes")));
            }
        }
        return spans;
    }

    private static Span span(JsonNode span, JsonNode processes) {
        Map<String, String> tags = new TreeMap<>();
        span.path("tags")
                .forEach(tag ->
                        tags.put(tag.path("key").asText(), tag.path("value").asText()));
        return new Span(
                span.path("spanID").asText(),
                span.at("/references/0/spanID").asText(),
                processes
                        .path(span.path("processID").asText())
                        .path("serviceName")
                        .asText(),
                span.path("operationName").asText(),
                tags);
    }

    /** All that it has of a service's traces, as text. */
    String everything(String service) {
        return Http.send(
                        "GET",
                        "http://127.0.0.1:" + query + "/api/traces?limit=1000&lookback=1h&service=" + service,
                        "")
                .expect(200)
                .response()
                .body();
    }

    String log() {
        return process.log();
    }

    @Override
    public void close() {
        process.close();
    }
}
