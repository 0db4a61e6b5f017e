package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A small real mesh from the archive: issuer, control plane, the sidecars of {@code front} and {@code back}, and a plain application behind {@code back} that says what it saw. */
final class Mesh implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final int BACK_PORT = 8080;
    static final String TRUST_DOMAIN = "small.example";

    final Path folder;
    final Running issuer;
    final Running controlPlane;
    final HttpServer application;
    private final List<String> settings;
    private final List<Running> sidecars = new ArrayList<>();

    private Mesh(Path folder, Function<String, Map<String, String>> documents, String... settings) throws IOException {
        this.folder = folder;
        this.settings = List.of(settings);
        issuer = Running.start(folder.resolve("issuer.log"), "demo-issuer", "--listen", "127.0.0.1:0");
        application = echo();
        Files.createDirectory(folder.resolve("documents"));
        for (var document : documents.apply(issuer.text("issuer")).entrySet()) {
            write(document.getKey(), document.getValue());
        }
        controlPlane = startControlPlane("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0");
    }

    /** {@code settings}: further arguments of each start of the control plane. */
    static Mesh start(Path folder, String... settings) throws IOException {
        return new Mesh(
                folder, issuer -> Map.of("mesh.yaml", meshDocument(issuer), "back.yaml", BACK_POLICY), settings);
    }

    /** With documents of its own, by file name; their function gets the URL of the demo's issuer. */
    static Mesh start(Path folder, Function<String, Map<String, String>> documents, String... settings)
            throws IOException {
        return new Mesh(folder, documents, settings);
    }

    /** Puts a document into the watched folder, whole at once. */
    void write(String name, String text) throws IOException {
        Path next = Files.writeString(folder.resolve(name + ".next"), text);
        Files.move(next, folder.resolve("documents").resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    /** What {@code sallyport status} says. */
    JsonNode status() {
        return json("status", "-o", "json");
    }

    Running startControlPlane(String sidecars, String enrolment, String api) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "control-plane",
                "--dev",
                "--state",
                folder.resolve("control-plane").toString(),
                "--documents",
                folder.resolve("documents").toString(),
                "--sidecars",
                sidecars,
                "--enrolment",
                enrolment,
                "--api",
                api,
                "--monitoring",
                "127.0.0.1:0"));
        arguments.addAll(settings);
        return Running.start(folder.resolve("control-plane.log"), arguments.toArray(String[]::new));
    }

    /** A command of the administrator's that must succeed; what it printed. */
    String command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("--context", context()));
        Shell.Result result = Shell.sallyport(command.toArray(String[]::new));
        if (result.exit() != 0) {
            throw new AssertionError(String.join(" ", arguments) + ": " + result + "\n" + controlPlane.log());
        }
        return result.out();
    }

    /** The same, of one that prints JSON. */
    JsonNode json(String... arguments) {
        return json(command(arguments));
    }

    /** {@code payment/charge/…} in small: who may do what at {@code back}. */
    private static final String BACK_POLICY = """
        apiVersion: sallyport.dev/v1
        kind: RoutePolicy
        metadata: {name: back}
        spec:
          service: back
          routes:
            read: {match: "GET /things/{id}", allow: {front: {from: [front], user: none}}}
            write: {match: "POST /things", allow: {front: {from: [front], user: {issuer: shop, anyRole: [customer]}}}}
            other: {match: "POST /others", allow: {stranger: {from: [stranger], user: none}}}
        """;

    private static String meshDocument(String issuer) {
        return """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: small}
            spec:
              trustDomain: small.example
              issuers:
                shop: {issuer: "%s", audiences: [shop-api], algorithms: [ES256]}
              services:
                front: {identity: spiffe://small.example/sa/front, ports: {8080: http}}
                back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
                stranger: {identity: spiffe://small.example/sa/stranger, ports: {8080: http}}
            """.formatted(issuer);
    }

    /** The administrator's context that the control plane wrote. */
    String context() {
        return controlPlane.text("admin");
    }

    Path state(String service) {
        return folder.resolve("state").resolve(service);
    }

    Path joinFile(String service) {
        return folder.resolve(service + ".join");
    }

    void createToken(String service, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "token",
                "create",
                "--service",
                service,
                "--out",
                joinFile(service).toString(),
                "--force"));
        arguments.addAll(List.of(more));
        command(arguments.toArray(String[]::new));
    }

    /** Does not wait for readiness. */
    Running startSidecar(String service, String... more) throws IOException {
        Files.createDirectories(folder.resolve("state"));
        List<String> arguments = new ArrayList<>(List.of(
                "proxy",
                "--service",
                service,
                "--state",
                state(service).toString(),
                "--join-file",
                joinFile(service).toString(),
                "--inbound",
                "127.0.0.1:0",
                "--outbound",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--metrics",
                "127.0.0.1:0",
                "--health",
                "127.0.0.1:0"));
        arguments.addAll(List.of(more));
        Running sidecar = Running.start(folder.resolve(service + ".log"), arguments.toArray(String[]::new));
        sidecars.add(sidecar);
        return sidecar;
    }

    Running startBack() throws IOException {
        return startSidecar(
                "back", "--application", "127.0.0.1:" + application.getAddress().getPort());
    }

    Running startFront() throws IOException {
        return startSidecar("front", "--application", "127.0.0.1:9", "--upstream", "back=127.0.0.1:0");
    }

    /** A token of the demo's issuer; {@code fields} are its JSON request. */
    String token(String fields) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(issuer.text("token")))
                                .header("content-type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(fields))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return json(answer.body()).path("access_token").asText();
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    /** The record of a decision, once it is on disk, as {@code jq} would see it. */
    JsonNode record(String service, String id) throws IOException {
        for (Path log : logs(service)) {
            for (String line : Files.readAllLines(log)) {
                if (line.endsWith("}") // What follows the last record of a live segment is zeros.
                        && id.equals(json(line).path("audit.record.id").asText())) {
                    return json(line);
                }
            }
        }
        return JSON.missingNode();
    }

    List<JsonNode> records(String service, String event) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (Path log : logs(service)) {
            for (String line : lines(log)) {
                if (event.equals(json(line).path("EventName").asText())) {
                    found.add(json(line));
                }
            }
        }
        return found;
    }

    /** Whole ones; what follows them in a segment that is still written is zeros. */
    private static List<String> lines(Path log) throws IOException {
        String text = Files.readString(log, StandardCharsets.US_ASCII);
        int end = text.indexOf('\0');
        String written = end < 0 ? text : text.substring(0, end);
        return written.lines().filter(line -> line.endsWith("}")).toList();
    }

    private List<Path> logs(String service) throws IOException {
        try (var files = Files.list(state(service).resolve("audit"))) {
            return files.filter(file -> file.toString().endsWith(".audit.jsonl"))
                    .sorted()
                    .toList();
        }
    }

    /** A plain application that says what it saw. */
    static HttpServer echo() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Map<String, Object> seen = new java.util.TreeMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> seen.put(name.toLowerCase(java.util.Locale.ROOT), values));
            byte[] answer = JSON.writeValueAsBytes(Map.of(
                    "path",
                    exchange.getRequestURI().toString(),
                    "body",
                    new String(body, StandardCharsets.UTF_8),
                    "headers",
                    seen));
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Override
    public void close() throws IOException {
        for (Running sidecar : sidecars) {
            sidecar.close();
        }
        controlPlane.close();
        issuer.close();
        application.stop(0);
    }
}
