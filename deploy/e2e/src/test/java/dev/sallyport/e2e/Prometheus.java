package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The system's Prometheus, on loopback, with a storage that is thrown away; it scrapes and evaluates every second. */
final class Prometheus implements AutoCloseable {
    private static final long STOP_SECONDS = 10;

    private final Process process;
    private final String address;
    private final Path log;

    private Prometheus(Process process, String address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /** Where it is on the PATH. */
    static Optional<Path> program() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, "prometheus"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** {@code targets}: addresses with their labels, {@code job} among them. {@code rules}: files of alerts. */
    static Prometheus start(Path folder, Map<String, Map<String, String>> targets, List<Path> rules)
            throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}");
        lines.add("rule_files:");
        rules.forEach(file -> lines.add("  - " + file));
        lines.add("scrape_configs:");
        lines.add("  - job_name: sallyport");
        lines.add("    static_configs:");
        targets.forEach((target, labels) ->
                lines.add("      - {targets: [\"" + target + "\"], labels: {" + yaml(labels) + "}}"));
        Path config = Files.write(folder.resolve("prometheus.yml"), lines);
        String address = "127.0.0.1:" + freePort();
        Path log = folder.resolve("prometheus.log");
        Process process = new ProcessBuilder(
                        program().orElseThrow().toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("prometheus"),
                        "--web.listen-address=" + address)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Prometheus(process, address, log);
    }

    private static String yaml(Map<String, String> labels) {
        return String.join(
                ", ",
                labels.entrySet().stream()
                        .map(label -> label.getKey() + ": " + label.getValue())
                        .toList());
    }

    /** It cannot listen on 0 and say where; between here and its start somebody else may take the port, and then it ends and says so. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** It is there and has read its rules. */
    boolean ready() {
        if (!process.isAlive()) {
            throw new AssertionError("Prometheus ended: " + log());
        }
        try {
            return Http.send("GET", "http://" + address + "/-/ready", "").status() == 200;
        } catch (java.io.UncheckedIOException e) {
            return false;
        }
    }

    /** The series that an expression gives now. Fails with Prometheus' words when it is none. */
    JsonNode query(String expression) {
        return Http.send(
                        "GET",
                        "http://" + address + "/api/v1/query?query="
                                + URLEncoder.encode(expression, StandardCharsets.UTF_8),
                        "")
                .expect(200)
                .json()
                .at("/data/result");
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
