package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.kernel.ProcessMemory;
import dev.sallyport.benchmarks.load.BulkTransfer;
import dev.sallyport.benchmarks.load.LoadResult;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The memory of one configuration, started anew.
 *
 * @param seconds of each load
 * @param megabytes of the large body
 */
record MemoryTrial(PairSession session, Pair.Starter starter, Duration seconds, int megabytes) {
    private static final int BYTES = 1024;
    private static final int CONNECTIONS = 16;

    /** Loads one after the other; the connections of each stand while it is looked at. */
    private enum Load {
        FIRST(1000, CONNECTIONS),
        SECOND(3000, 2 * CONNECTIONS);

        private final int rate;
        private final int connections;

        Load(int rate, int connections) {
            this.rate = rate;
            this.connections = connections;
        }
    }

    /** How a large body goes. */
    private interface Transfer {
        Duration go(InetSocketAddress target, String headers, long bytes) throws IOException;
    }

    /** Each of two pairs gets so many requests a second. */
    static final int RATE_OF_EACH = 500;

    /** {@code 1000/s}, {@code 3000/s}. */
    static List<String> loads() {
        return List.of(Load.FIRST.rate + "/s", Load.SECOND.rate + "/s");
    }

    MemoryRound.Measured measure() throws IOException, InterruptedException {
        Map<String, Map<String, ProcessMemory>> loaded = new LinkedHashMap<>();
        long errors = 0;
        MemoryRound.Large upload;
        MemoryRound.Large download;
        try (Pair pair = starter.start()) {
            for (Load load : Load.values()) {
                Plan plan = session.plan(pair, load.connections, BYTES).open(load.rate, Duration.ZERO, seconds);
                Phase phase =
                        session.measure(plan, session.account(pair), () -> loaded.put(load.rate + "/s", memory(pair)));
                errors += phase.load().failed();
            }
            upload = large(pair, BulkTransfer::upload);
            download = large(pair, BulkTransfer::download);
        }
        List<ProcessMemory> twice = new ArrayList<>();
        errors += twice(twice);
        return new MemoryRound.Measured(loaded, twice, errors, upload, download);
    }

    /** Two pairs on one node: what of them is shared shows. Returns wrong answers. */
    private long twice(List<ProcessMemory> memory) throws IOException, InterruptedException {
        try (Pair one = starter.start()) {
            if (one.parts().isEmpty()) {
                return 0;
            }
            try (Pair other = starter.start()) {
                // The first lasts longer than the second, at whose end both are looked at.
                CompletableFuture<LoadResult> beside = session.start(session.plan(one, CONNECTIONS, BYTES)
                        .open(RATE_OF_EACH, Duration.ZERO, seconds.plusSeconds(1)));
                Phase phase = session.measure(
                        session.plan(other, CONNECTIONS, BYTES).open(RATE_OF_EACH, Duration.ZERO, seconds),
                        session.account(other),
                        () -> List.of(one, other)
                                .forEach(pair -> memory.addAll(memory(pair).values())));
                return phase.load().failed() + beside.join().failed();
            }
        }
    }

    private MemoryRound.Large large(Pair pair, Transfer transfer) throws IOException {
        for (Part part : pair.parts()) {
            part.resetPeak();
        }
        long before = cpuNanos(pair);
        long bytes = (long) megabytes << 20;
        Duration took = transfer.go(pair.address(), session.headers(), bytes);
        return new MemoryRound.Large(bytes, took, cpuNanos(pair) - before, memory(pair));
    }

    private static long cpuNanos(Pair pair) {
        return pair.parts().stream().mapToLong(Part::cpuNanos).sum();
    }

    private static Map<String, ProcessMemory> memory(Pair pair) {
        try {
            Map<String, ProcessMemory> memory = new LinkedHashMap<>();
            for (Part part : pair.parts()) {
                memory.put(part.name(), part.memory());
            }
            return memory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
