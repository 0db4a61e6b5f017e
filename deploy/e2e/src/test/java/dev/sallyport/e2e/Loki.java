package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real Loki in one process, its chunks in a folder. */
final class Loki implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofMinutes(2);
    private static final int LINES_MAX = 5000; // Loki's own limit

    private final PeerProcess process;
    private final int port;

    private Loki(PeerProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /** {@code folder} is made. */
    static Loki start(Path folder) throws IOException, InterruptedException {
        Path program = Peer.LOKI.program();
        Files.createDirectories(folder);
        List<Integer> ports = PeerProcess.freePorts(2);
        Path config = Files.writeString(
                folder.resolve("loki.yaml"), """
            auth_enabled: false
            analytics: {reporting_enabled: false}
            server: {http_listen_address: 127.0.0.1, grpc_listen_address: 127.0.0.1, http_listen_port: %d, grpc_listen_port: %d, log_level: warn}
            common:
              instance_addr: 127.0.0.1
              path_prefix: %s
              replication_factor: 1
              storage: {filesystem: {chunks_directory: %s/chunks, rules_directory: %s/rules}}
              ring: {kvstore: {store: inmemory}}
            schema_config:
              configs:
                - {from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}
            """.formatted(ports.get(0), ports.get(1), folder, folder, folder));
        PeerProcess process = PeerProcess.start(
                List.of(program.toString(), "-config.file=" + config),
                folder.resolve("loki.log"),
                READY_WITHIN,
                () -> Http.send("GET", "http://127.0.0.1:" + ports.get(0) + "/ready", "")
                                .status()
                        == 200);
        return new Loki(process, ports.get(0));
    }

    /** For a copy's {@code url}. */
    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** {@code POST /loki/api/v1/push}. */
    Http.Answer push(String json) {
        return Http.send("POST", url() + "/loki/api/v1/push", json, "content-type", "application/json");
    }

    /** How many lines of the last hour a selector finds: {@code sum(count_over_time(SELECTOR[1h]))}, now. */
    long count(String selector) {
        return query("/loki/api/v1/query?query=" + encoded("sum(count_over_time(" + selector + "[1h]))"))
                .at("/data/result/0/value/1")
                .asLong();
    }

    /** The lines themselves, of the last hour, oldest first. */
    List<String> lines(String selector) {
        List<String> lines = new ArrayList<>();
        JsonNode answer = query("/loki/api/v1/query_range?since=1h&direction=forward&limit=" + LINES_MAX + "&query="
                + encoded(selector));
        answer.at("/data/result")
                .forEach(stream -> stream.path("values")
                        .forEach(value -> lines.add(value.path(1).asText())));
        return lines;
    }

    private JsonNode query(String path) {
        return Http.send("GET", url() + path, "").expect(200).json();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    String log() {
        return process.log();
    }

    @Override
    public void close() {
        process.close();
    }
}
