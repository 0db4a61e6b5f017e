package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A real OpenTelemetry Collector: OTLP over HTTP in, JSON lines in files out. Spans go through its batch processor; log records do not, and their file is written through (which the
 * exporter does when it rotates), so that what it has answered it has kept, even when it is killed.
 */
final class OtelCollector implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);

    private final Path folder;
    private final List<String> command;
    private final int port;
    private Optional<PeerProcess> process = Optional.empty();

    private OtelCollector(Path folder, List<String> command, int port) {
        this.folder = folder;
        this.command = command;
        this.port = port;
    }

    /** {@code folder} is made. */
    static OtelCollector start(Path folder) throws IOException, InterruptedException {
        Path program = Peer.COLLECTOR.program();
        Files.createDirectories(folder);
        int port = PeerProcess.freePorts(1).getFirst();
        Path config = Files.writeString(folder.resolve("otelcol.yaml"), """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:%d"}}}}
            processors: {batch: {timeout: 200ms}}
            exporters:
              debug: {}
              file/traces: {path: %s/traces.jsonl, flush_interval: 200ms, append: true}
              file/logs: {path: %s/logs.jsonl, rotation: {max_megabytes: 1000}}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                traces: {receivers: [otlp], processors: [batch], exporters: [debug, file/traces]}
                logs: {receivers: [otlp], exporters: [debug, file/logs]}
            """.formatted(port, folder, folder));
        OtelCollector collector =
                new OtelCollector(folder, List.of(program.toString(), "--config", config.toString()), port);
        collector.start();
        return collector;
    }

    /** Again, at the same port, with the same files. */
    void start() throws IOException {
        process = Optional.of(PeerProcess.start(
                command,
                folder.resolve("otelcol.log"),
                READY_WITHIN,
                () -> post("logs", "{\"resourceLogs\":[]}").status() == 200));
    }

    void kill() throws InterruptedException {
        process.orElseThrow().kill();
    }

    /** Sends an OTLP request in JSON; {@code signal}: {@code traces} or {@code logs}. */
    Http.Answer post(String signal, String json) {
        return Http.send("POST", endpoint() + "/v1/" + signal, json, "content-type", "application/json");
    }

    /** What OTLP senders are given. */
    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** What it wrote so far, request by request, as OTLP's JSON. */
    private List<JsonNode> requests(String signal) throws IOException {
        Path file = folder.resolve(signal + ".jsonl");
        List<JsonNode> requests = new ArrayList<>();
        if (Files.exists(file)) {
            String text = Files.readString(file);
            text.substring(0, text.lastIndexOf('\n') + 1).lines().forEach(line -> requests.add(Mesh.json(line)));
        }
        return requests;
    }

    /** One log record; {@code service}: of its resource. */
    record LogRecord(String service, JsonNode said) {
        /** An attribute's value, whatever its type; {@code ""} if there is none. */
        String attribute(String name) {
            return OtelCollector.attribute(said, name);
        }
    }

    List<LogRecord> logRecords() throws IOException {
        List<LogRecord> records = new ArrayList<>();
        for (JsonNode request : requests("logs")) {
            for (JsonNode resource : request.path("resourceLogs")) {
                String service = attribute(resource.path("resource"), "service.name");
                for (JsonNode scope : resource.path("scopeLogs")) {
                    scope.path("logRecords").forEach(said -> records.add(new LogRecord(service, said)));
                }
            }
        }
        return records;
    }

    /** Spans of a trace, in the order in which they came. */
    List<JsonNode> spans(String trace) throws IOException {
        List<JsonNode> spans = new ArrayList<>();
        for (JsonNode request : requests("traces")) {
            for (JsonNode resource : request.path("resourceSpans")) {
                for (JsonNode scope : resource.path("scopeSpans")) {
                    scope.path("spans").forEach(span -> {
                        if (span.path("traceId").asText().equals(trace)) {
                            spans.add(span);
                        }
                    });
                }
            }
        }
        return spans;
    }

    private static String attribute(JsonNode holder, String name) {
        for (JsonNode attribute : holder.path("attributes")) {
            if (attribute.path("key").asText().equals(name)) {
                return attribute.path("value").elements().next().asText();
            }
        }
        return "";
    }

    String log() {
        return process.map(PeerProcess::log).orElse("");
    }

    @Override
    public void close() {
        process.ifPresent(PeerProcess::close);
    }
}
