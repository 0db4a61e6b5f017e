package dev.sallyport.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** The life of each of the shop's processes: bind on loopback, one ready line, serve on virtual threads, stop with the signal or with standard input. */
final class LocalServer implements AutoCloseable {
    /** Connections waiting to be accepted. */
    private static final int BACKLOG = 128;

    private final HttpServer server;

    private LocalServer(HttpServer server) {
        this.server = server;
    }

    /**
     * What the JDK reads from system properties before its first server: without TCP_NODELAY each answer on a kept connection waits for a delayed ACK (40 ms), and a connection
     * that a sidecar still holds in its pool must not be closed under its next request.
     */
    static void tune() {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.idleInterval", "300");
    }

    /** Bound, so that the address is known; {@link #serve} starts it. */
    static LocalServer bind(InetSocketAddress listen) throws IOException {
        return new LocalServer(HttpServer.create(listen, BACKLOG));
    }

    LocalServer serve(HttpHandler handler) {
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", handler);
        server.start();
        return this;
    }

    String address() {
        return server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    /** Returns when standard input ends, or never. */
    static void awaitEnd(boolean endWithStdin) throws IOException, InterruptedException {
        if (endWithStdin) {
            InputStream in = System.in;
            while (in.read() >= 0) {
                // nothing is expected on it but its end
            }
        } else {
            Thread.currentThread().join();
        }
    }

    static void respond(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean bodiless = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, bodiless ? -1 : bytes.length);
        if (!bodiless) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    /** One sentence on standard error, and the exit code of the table: 1 failure, 2 usage. */
    static void refuse(String sentence, int exit) {
        System.err.println("sallyport: " + sentence);
        System.exit(exit);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
