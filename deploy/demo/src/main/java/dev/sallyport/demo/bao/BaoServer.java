package dev.sallyport.demo.bao;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One {@code bao server} with TLS and durable storage in a folder of its own, initialised with one unseal key and unsealed. It can be sealed, frozen, stopped and started again, as
 * things happen to servers. Ends with this process. Blocking; one thread at a time.
 */
public final class BaoServer implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final long STOP_SECONDS = 10;

    /** What it answered: the status and the JSON text, empty without one. */
    public record Answer(int status, String body) {
        /** Nested maps and lists; an error says what was answered instead. */
        public Map<String, Object> json() {
            try {
                return JSONObjectUtils.parse(body);
            } catch (ParseException e) {
                throw new IllegalStateException(status + ": " + body, e);
            }
        }

        /** The {@code data} of it. */
        @SuppressWarnings("unchecked")
        public Map<String, Object> data() {
            return (Map<String, Object>) json().getOrDefault("data", Map.of());
        }

        /** Itself, if it is 2xx. */
        public Answer ok() {
            if (status / 100 != 2) {
                throw new IllegalStateException("bao answered " + status + ": " + body);
            }
            return this;
        }
    }

    private final Path folder;
    private final int port;
    private final HttpClient client;
    private final Thread atExit = new Thread(this::kill);
    private Process process;
    private String unsealKey = "";
    private String rootToken = "";

    private BaoServer(Path folder, int port, ServerCertificate certificate, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
        this.client = HttpClient.newBuilder()
                .sslContext(certificate.trusted())
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    /** Active when it returns. {@code folder} is made, and holds everything: data, log, {@code tls.crt}. IOException: no program, or it does not start; the message has its log. */
    public static BaoServer start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createDirectories(folder.resolve("data"));
        ServerCertificate certificate = ServerCertificate.make(folder);
        int port = freePort();
        Files.writeString(folder.resolve("bao.hcl"), configuration(folder, port, freePort()));
        BaoServer server = new BaoServer(folder, port, certificate, launch(folder));
        Runtime.getRuntime().addShutdownHook(server.atExit);
        try {
            server.initialise();
            server.unseal();
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Raft storage: on disk, synced, and what is run in earnest. One node elects itself at once with the shortest timers. */
    private static String configuration(Path folder, int port, int clusterPort) {
        return """
                storage "raft" {
                  path = "%s/data"
                  node_id = "one"
                  performance_multiplier = 1
                }
                listener "tcp" {
                  address = "127.0.0.1:%d"
                  tls_cert_file = "%s"
                  tls_key_file = "%s"
                }
                api_addr = "https://127.0.0.1:%d"
                cluster_addr = "https://127.0.0.1:%d"
                ui = false
                """.formatted(
                        folder,
                        port,
                        folder.resolve(ServerCertificate.CERTIFICATE),
                        folder.resolve(ServerCertificate.KEY),
                        port,
                        clusterPort);
    }

    private static Process launch(Path folder) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        BaoProgram.find().toString(), "server", "-config=" + folder.resolve("bao.hcl"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("bao.log").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("BAO_") || name.startsWith("VAULT_"));
        return builder.start();
    }

    private void initialise() throws IOException, InterruptedException {
        await("listening", () -> status("sys/health") != 0);
        Answer made = ask("POST", "sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}", "")
                .ok();
        rootToken = String.valueOf(made.json().get("root_token"));
        unsealKey = String.valueOf(((List<?>) made.json().getOrDefault("keys_base64", List.of(""))).getFirst());
    }

    /** {@code https://127.0.0.1:port}; stays the same across restarts. */
    public String address() {
        return "https://127.0.0.1:" + port;
    }

    /** PEM of the certificate that its clients trust. */
    public Path caFile() {
        return folder.resolve(ServerCertificate.CERTIFICATE);
    }

    /** May do everything. Only set-up and tests use it. */
    public String rootToken() {
        return rootToken;
    }

    /** What it wrote so far. */
    public String log() {
        try {
            return Files.readString(folder.resolve("bao.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** A request with the root token. {@code path} below {@code /v1/}; {@code json} empty for none. */
    public Answer request(String method, String path, String json) throws IOException, InterruptedException {
        return ask(method, path, json, rootToken);
    }

    /** A request with another token, or none when empty. */
    public Answer ask(String method, String path, String json, String token) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address() + "/v1/" + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        json.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json));
        if (!token.isEmpty()) {
            request.header("X-Vault-Token", token);
        }
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }

    /** It answers 503 to everything from now on. */
    public void seal() throws IOException, InterruptedException {
        request("POST", "sys/seal", "").ok();
    }

    /** Active when it returns. */
    public void unseal() throws IOException, InterruptedException {
        await("listening", () -> status("sys/health") != 0);
        ask("POST", "sys/unseal", JSONObjectUtils.toJSONString(Map.of("key", unsealKey)), "")
                .ok();
        await("active", () -> status("sys/health") == 200);
    }

    /** Connections are taken, nothing is answered: the worst way to be gone. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
        await("frozen", this::frozen); // The signal is on its way when kill ends, and a busy machine takes its time.
    }

    private boolean frozen() {
        try {
            String line = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return line.substring(line.lastIndexOf(')')).startsWith(") T");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Ends it; its data stay. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** kill -9; its data stay as they are at this moment. */
    public void kill() {
        process.destroyForcibly();
    }

    /** After {@link #stop} or {@link #kill}: again on the same port with the same data, unsealed. */
    public void restart() throws IOException, InterruptedException {
        process = launch(folder);
        unseal();
    }

    @Override
    public void close() {
        kill();
        try {
            process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            // This process is ending, and the hook does the same.
        }
    }

    private int status(String path) {
        try {
            return ask("GET", path, "", "").status();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private void await(String what, BooleanSupplier reached) throws IOException, InterruptedException {
        long end = System.nanoTime() + READY_WITHIN.toNanos();
        while (!reached.getAsBoolean()) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IOException("bao: not " + what + " within " + READY_WITHIN.toSeconds() + " s"
                        + (process.isAlive() ? "" : ", ended with " + process.exitValue()) + ": " + log());
            }
            Thread.sleep(POLL);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The address; never a token or key. */
    @Override
    public String toString() {
        return "bao " + address();
    }
}
