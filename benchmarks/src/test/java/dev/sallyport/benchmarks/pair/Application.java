package dev.sallyport.benchmarks.pair;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What stands behind a pair in tests: answers {@link #BODY}, and remembers who asked what. */
final class Application implements AutoCloseable {
    static final String BODY = "right ".repeat(170);

    private final HttpServer server;
    private final List<Headers> requests = new CopyOnWriteArrayList<>();
    private final Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();

    Application() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(exchange.getRequestHeaders());
                connections.add(exchange.getRemoteAddress());
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, BODY.length());
                exchange.getResponseBody().write(BODY.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            }
        });
        server.start();
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    /** Header fields of all requests so far. */
    List<Headers> requests() {
        return requests;
    }

    /** From where they came. */
    Set<InetSocketAddress> connections() {
        return connections;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
