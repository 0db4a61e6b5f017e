package dev.sallyport.benchmarks.pair;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Where sidecars send their spans: a port of the loopback that behaves as it is told. In this process, so that what it costs is not the sidecars'. One thread tells it. */
public final class Sink implements AutoCloseable {
    /** {@code SILENT}: accepts and reads, and never answers. {@code REFUSES}: nobody listens. */
    public enum Behaviour {
        ANSWERS,
        SILENT,
        REFUSES
    }

    private final InetSocketAddress address;
    private HttpServer server;
    private ExecutorService threads;

    private Sink(HttpServer server) {
        this.server = server;
        this.address = server.getAddress();
        this.threads = go(server, Behaviour.ANSWERS);
    }

    /** One that answers, on a port that the system chooses. */
    public static Sink start() throws IOException {
        return new Sink(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    public InetSocketAddress address() {
        return address;
    }

    /** From now on; whoever is connected is cut off. */
    public void become(Behaviour behaviour) throws IOException {
        close();
        if (behaviour != Behaviour.REFUSES) {
            server = HttpServer.create(address, 0);
            threads = go(server, behaviour);
        }
    }

    private static ExecutorService go(HttpServer server, Behaviour behaviour) {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        CountDownLatch never = new CountDownLatch(1);
        server.setExecutor(threads);
        server.createContext("/v1/traces", exchange -> {
            try (exchange) {
                exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
                if (behaviour == Behaviour.SILENT) {
                    never.await();
                }
                exchange.sendResponseHeaders(200, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // It becomes another.
            }
        });
        server.start();
        return threads;
    }

    /** Nobody listens any more. Any number of times. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
