package dev.sallyport.benchmarks.pair;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * One configuration that runs: what stands between load and backend.
 *
 * @param address where the load goes, plain HTTP
 * @param parts the proxies, first the caller's; none for the backend alone
 * @param stop ends the proxies
 */
public record Pair(String name, InetSocketAddress address, List<Part> parts, Runnable stop) implements AutoCloseable {
    /** How to start a configuration, perhaps again and again. */
    public interface Starter {
        String name();

        Pair start() throws java.io.IOException, InterruptedException;
    }

    public Pair {
        parts = List.copyOf(parts);
    }

    @Override
    public void close() {
        stop.run();
    }
}
