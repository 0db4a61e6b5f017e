package dev.sallyport.benchmarks.pair;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Whoever looks at sidecars from outside: a collector of traces that takes everything, and a scraper of metrics. In this process, so that what they cost is not the sidecars'. */
final class Onlookers implements AutoCloseable {
    /** Prometheus' usual 15 s, shortened so that every measured round has some. */
    private static final int SCRAPE_SECONDS = 2;

    private static final int TIMEOUT_MILLIS = 5_000;

    private final HttpServer collector;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("onlooker-", 0).factory());

    private Onlookers(HttpServer collector) {
        this.collector = collector;
    }

    static Onlookers start() throws IOException {
        Onlookers onlookers =
                new Onlookers(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        onlookers.collector.setExecutor(onlookers.threads);
        onlookers.collector.createContext("/v1/traces", exchange -> {
            try (exchange) {
                drain(exchange.getRequestBody());
                exchange.sendResponseHeaders(200, -1);
            }
        });
        onlookers.collector.start();
        return onlookers;
    }

    /** Lines of a sidecar's configuration. {@code ratio}: of the requests that get a span. */
    String configuration(String service, double ratio) {
        return "traces: {endpoint: \"http://127.0.0.1:%d\", ratio: %s}\naccessLog: {to: ./access-%s.log}\n"
                .formatted(collector.getAddress().getPort(), ratio, service);
    }

    void scrape(List<InetSocketAddress> metrics) {
        threads.scheduleWithFixedDelay(
                () -> metrics.forEach(Onlookers::scrape), SCRAPE_SECONDS, SCRAPE_SECONDS, TimeUnit.SECONDS);
    }

    private static void scrape(InetSocketAddress address) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/metrics")
                            .toURL()
                            .openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            try (InputStream page = connection.getInputStream()) {
                drain(page);
            }
        } catch (IOException e) {
            // The sidecar is being stopped; one that cannot be scraped is for tests to find.
        }
    }

    private static void drain(InputStream in) throws IOException {
        in.transferTo(java.io.OutputStream.nullOutputStream());
    }

    @Override
    public void close() {
        collector.stop(0);
        threads.shutdownNow();
    }
}
