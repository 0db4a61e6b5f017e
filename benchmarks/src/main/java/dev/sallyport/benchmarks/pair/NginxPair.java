package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Two nginx, one worker each, tuned as its documents advise: mutual TLS 1.3, keep-alive on every leg, identity and request id set. It knows no tokens, no rules and no record. */
public record NginxPair(Path binary, Workplace workplace, BenchMesh mesh, InetSocketAddress backend)
        implements Pair.Starter, InboundAlone {
    private static final Duration READY = Duration.ofSeconds(10);
    private static final int PROCESSES = 2; // master and worker

    /** Nothing is ever written to disk, no connection is ended by a count. */
    private static final String CONFIGURATION = """
            daemon off;
            %1$s
            worker_processes 1;
            pid nginx.pid;
            error_log stderr warn;
            events { worker_connections 4096; }
            http {
              access_log off;
              server_tokens off;
              tcp_nodelay on;
              keepalive_timeout 300s;
              keepalive_requests 1000000000;
              client_max_body_size 0;
              client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
              upstream next {
                server 127.0.0.1:%2$d;
                keepalive 256;
                keepalive_timeout 300s;
                keepalive_requests 1000000000;
              }
              server {
                listen 127.0.0.1:%3$s;
            %4$s
                location / {
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header Host $http_host;
                  proxy_request_buffering off;
                  proxy_max_temp_file_size 0;
            %5$s
                }
              }
            }
            """;

    private static final String CALL_IN_TLS = """
            proxy_pass https://next;
            proxy_set_header X-Request-ID $request_id;
            proxy_ssl_protocols TLSv1.3;
            proxy_ssl_certificate %1$s/load.pem;
            proxy_ssl_certificate_key %1$s/load.key;
            proxy_ssl_trusted_certificate %1$s/ca.pem;
            proxy_ssl_verify on;
            proxy_ssl_name %2$s;
            proxy_ssl_server_name on;
            """;

    private static final String SERVE_TLS = """
            ssl_protocols TLSv1.3;
            ssl_certificate %1$s/backend.pem;
            ssl_certificate_key %1$s/backend.key;
            ssl_client_certificate %1$s/ca.pem;
            ssl_verify_client on;
            ssl_session_tickets off;
            """;

    private static final String CALL_WITH_IDENTITY = """
            proxy_pass http://next;
            proxy_set_header X-Forwarded-Client-Cert "By=%s;Hash=$ssl_client_fingerprint;Subject=\\"$ssl_client_s_dn\\"";
            """;

    /** Where the program is: PATH, then where Debian puts it, which is not on everybody's. */
    public static Optional<Path> find() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public Pair.Starter inbound() {
        return new Pair.Starter() {
            @Override
            public String name() {
                return NginxPair.this.name();
            }

            @Override
            public Pair start() throws IOException, InterruptedException {
                int in = freePort();
                Child inbound = inbound(Files.createTempDirectory(workplace.folder(), "nginx-"), in);
                awaitReady(inbound, in);
                return new Pair(
                        name(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), in),
                        List.of(new Part("inbound", inbound.pids())),
                        () -> workplace.stop(inbound));
            }
        };
    }

    private Child inbound(Path folder, int port) throws IOException {
        return nginx(
                folder.resolve("inbound"),
                backend.getPort(),
                port + " ssl",
                SERVE_TLS.formatted(mesh.folder()),
                CALL_WITH_IDENTITY.formatted(BenchMesh.identity(BenchMesh.CALLEE)));
    }

    @Override
    public Pair start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(workplace.folder(), "nginx-");
        int in = freePort();
        Child inbound = inbound(folder, in);
        int out = freePort();
        Child outbound = nginx(
                folder.resolve("outbound"),
                in,
                String.valueOf(out),
                "",
                CALL_IN_TLS.formatted(mesh.folder(), BenchMesh.host(BenchMesh.CALLEE)));
        awaitReady(inbound, in);
        awaitReady(outbound, out);
        return new Pair(
                name(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), out),
                List.of(new Part("outbound", outbound.pids()), new Part("inbound", inbound.pids())),
                () -> List.of(outbound, inbound).forEach(workplace::stop));
    }

    /** {@code listen}, {@code server} and {@code location} are text of the configuration. */
    private Child nginx(Path prefix, int next, String listen, String server, String location) throws IOException {
        Files.createDirectories(prefix);
        // A worker of root's master would else be a user who cannot enter the bench's folder.
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        Path config = Files.writeString(
                prefix.resolve("nginx.conf"),
                CONFIGURATION.formatted(user, next, listen, server.indent(4), location.indent(6)));
        return workplace.start(
                "nginx " + prefix.getFileName(),
                prefix.resolve("nginx.log"),
                new ProcessBuilder(binary.toString(), "-p", prefix.toString(), "-c", config.toString()));
    }

    /** Between here and the start of the program another one may take it; then the program says so. */
    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private static void awaitReady(Child child, int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + READY.toNanos();
        while (true) {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (child.pids().size() >= PROCESSES) {
                    return;
                }
            } catch (IOException e) {
                if (!child.alive()) {
                    throw child.failure("ended before it was ready");
                }
            }
            if (System.nanoTime() > deadline) {
                throw child.failure("not ready within " + READY.toSeconds() + " s");
            }
            Thread.sleep(20);
        }
    }
}
