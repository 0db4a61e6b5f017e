package dev.sallyport.server.fetch;

import com.linecorp.armeria.common.TlsKeyPair;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sallyport.server.http.EventLoops;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A web server on this machine, as an identity provider has one, and fetches that believe its certificate. */
public final class TestProvider implements AutoCloseable {
    /** In the certificate of {@link #https}. */
    public static final String HOST = "idp.example";

    public final HttpServer server;
    /** Paths that were asked for, in order. */
    public final List<String> asked = new CopyOnWriteArrayList<>();

    private final String scheme;
    private final List<Certificate> chain;
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLoopGroup loops = EventLoops.of(1, "test");
    private final List<Fetch> fetches = new ArrayList<>();

    private TestProvider(HttpServer server, String scheme, List<Certificate> chain) {
        this.server = server;
        this.scheme = scheme;
        this.chain = chain;
        server.setExecutor(handlers);
        server.start();
    }

    public static TestProvider http() throws IOException {
        return new TestProvider(HttpServer.create(any("127.0.0.1"), 0), "http", List.of());
    }

    /** With a certificate for {@value #HOST}, which only {@link #fetch} believes. */
    public static TestProvider https(String address) throws Exception {
        TlsKeyPair pair = TlsKeyPair.ofSelfSigned(HOST);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        Certificate[] chain = pair.certificateChain().toArray(Certificate[]::new);
        own.setKeyEntry("own", pair.privateKey(), new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(any(address), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return new TestProvider(server, "https", List.of(chain));
    }

    private static InetSocketAddress any(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 0);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** {@code http://127.0.0.1:port}, or {@code https://idp.example:port}. */
    public String base() {
        return scheme + "://" + (scheme.equals("https") ? HOST : "127.0.0.1") + ":" + port();
    }

    /** Whose limit is generous: a busy machine must not fail a test. */
    public Fetch fetch(Resolver resolver) {
        return fetch(resolver, Duration.ofSeconds(20));
    }

    public Fetch fetch(Duration within) {
        return fetch(Resolver.SYSTEM, within);
    }

    Fetch fetch(Resolver resolver, Duration within) {
        Fetch fetch = new Fetch(
                loops,
                resolver,
                tls -> {
                    if (!chain.isEmpty()) {
                        tls.trustManager(chain.toArray(java.security.cert.X509Certificate[]::new));
                    }
                },
                within);
        fetches.add(fetch);
        return fetch;
    }

    /** A fetch for which every name is this address. */
    public Fetch fetchAt(String address) {
        return fetch(_ -> List.of(InetAddress.ofLiteral(address)));
    }

    public TestProvider on(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            asked.add(exchange.getRequestURI().getPath());
            try (exchange) {
                handler.handle(exchange);
            }
        });
        return this;
    }

    public TestProvider json(String path, String body) {
        return on(path, exchange -> answer(exchange, 200, "application/json", body.getBytes(StandardCharsets.UTF_8)));
    }

    public TestProvider redirect(String path, String location) {
        return on(path, exchange -> {
            exchange.getResponseHeaders().set("location", location);
            exchange.sendResponseHeaders(302, -1);
        });
    }

    /** {@code headers}: names and values in turn. */
    public static void answer(HttpExchange exchange, int status, String type, byte[] body, String... headers)
            throws IOException {
        if (!type.isEmpty()) {
            exchange.getResponseHeaders().set("content-type", type);
        }
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        fetches.forEach(Fetch::close);
        server.stop(0);
        handlers.shutdownNow();
        loops.shutdownGracefully();
    }
}
