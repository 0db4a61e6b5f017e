package dev.sallyport.authority.vault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sallyport.identity.Pem;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An HTTPS server that answers as it is told, for what a real one does only on its worst days. */
public final class FakeVault implements AutoCloseable {
    private static final String ISSUER = "00000000-0000-4000-8000-000000000000";

    /** What arrived. */
    public record Request(String method, String path, String token, String namespace, String body) {}

    /** How to answer: with a status, headers and a text, or in another way. */
    public interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    private final HttpsServer server;
    private final Path caFile;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Function<Request, Reply> behaviour = _ -> reply(204, "");

    public final List<Request> requests = new CopyOnWriteArrayList<>();

    public FakeVault(Path folder) throws Exception {
        Forged.Certified own = Forged.selfSigned("fake", false);
        caFile =
                Files.writeString(Files.createTempFile(folder, "fake", ".crt"), Pem.encode(List.of(own.certificate())));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        server.setHttpsConfigurator(new HttpsConfigurator(context(own)));
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private static SSLContext context(Forged.Certified own) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("own", own.keys().getPrivate(), new char[0], new X509Certificate[] {own.certificate()});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    header(exchange, "X-Vault-Token"),
                    header(exchange, "X-Vault-Namespace"),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            requests.add(request);
            behaviour.apply(request).to(exchange);
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
    }

    /** From now on. */
    public void behave(Function<Request, Reply> behaviour) {
        this.behaviour = behaviour;
    }

    /** Every request the same. */
    public void always(Reply reply) {
        behave(_ -> reply);
    }

    /** One after the other, the last for ever. */
    public void inTurn(Reply... replies) {
        Queue<Reply> rest = new ConcurrentLinkedQueue<>(List.of(replies));
        behave(_ -> {
            Reply next = rest.poll();
            return next == null ? replies[replies.length - 1] : next;
        });
    }

    public static Reply reply(int status, String body, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        };
    }

    /** As Vault words a refusal. */
    public static Reply error(int status, String message) {
        return reply(status, "{\"errors\":[\"" + message + "\"]}");
    }

    /** The answer begins and never ends. */
    public Reply freezeInTheBody() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write("{\"data\":".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            freeze();
        };
    }

    /** The request is read, nothing comes. */
    public Reply freezeBeforeTheHeaders() {
        return _ -> freeze();
    }

    private void freeze() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The connection closes without an answer. */
    public static Reply hangUp() {
        return _ -> {
            throw new IOException("hung up");
        };
    }

    public URI address() {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    public VaultSettings settings(VaultAuth auth) {
        return new VaultSettings(
                address(),
                Optional.of(caFile),
                Optional.empty(),
                "pki_mesh",
                "pki_root",
                "mesh-leaf",
                Optional.of(ISSUER),
                Optional.of(ISSUER),
                Duration.ofDays(14),
                auth);
    }

    /** How many requests to paths that end so. */
    public long count(String end) {
        return requests.stream().filter(request -> request.path().endsWith(end)).count();
    }

    /** {@code {"data": …}} of texts. */
    public static Reply data(Map<String, String> data) {
        StringBuilder json = new StringBuilder("{\"data\":{");
        data.forEach((key, value) -> json.append(json.charAt(json.length() - 1) == '{' ? "" : ",")
                .append('"')
                .append(key)
                .append("\":\"")
                .append(value.replace("\n", "\\n"))
                .append('"'));
        return reply(200, json.append("}}").toString());
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
