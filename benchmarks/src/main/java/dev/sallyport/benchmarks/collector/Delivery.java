package dev.sallyport.benchmarks.collector;

import com.sun.management.OperatingSystemMXBean;
import dev.sallyport.server.collector.Answer;
import dev.sallyport.server.collector.BatchRefusedException;
import dev.sallyport.server.collector.Collector;
import dev.sallyport.server.collector.CollectorSettings;
import dev.sallyport.server.store.Store;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** So many sidecars deliver their logs at the same time, each batch after the receipt of the one before, until all of it is in the log. */
public final class Delivery {
    private static final double NANOS = 1e9;
    private static final int POLL_MILLIS = 5;
    private static final int SETTLE_MILLIS = 50;

    /** {@code seconds}: until the last receipt; {@code cpuSeconds}: of the whole process, until the last record is in the log, {@code wholeSeconds} after the first was sent. */
    public record Result(long records, long bytes, double seconds, double wholeSeconds, double cpuSeconds) {
        public double perSecond() {
            return records / seconds;
        }

        /** With one core for everything: verifying, hashing, writing, the tree. */
        public double perCpuSecond() {
            return records / cpuSeconds;
        }
    }

    private Delivery() {}

    /** In {@code folder}, which must be empty; {@code records} of each of the {@code sidecars}. */
    public static Result run(Path folder, int sidecars, int records, int perBatch, Random random)
            throws IOException, InterruptedException {
        MadeMesh mesh = new MadeMesh(folder);
        List<List<byte[]>> logs = new ArrayList<>();
        for (int i = 0; i < sidecars; i++) {
            String instance = "i" + i;
            logs.add(MadeBatches.make(
                    folder.resolve("log-" + instance), mesh.member(instance), records, perBatch, random));
        }
        try (Store store = Store.open(folder);
                Collector collector = Collector.open(
                        new CollectorSettings(folder.resolve("audit"), "audit.bench.example/bench", List.of(), 0),
                        mesh,
                        store,
                        Clock.systemUTC(),
                        new SimpleMeterRegistry())) {
            return deliver(collector, logs, (long) sidecars * records);
        }
    }

    private static Result deliver(Collector collector, List<List<byte[]>> logs, long records)
            throws IOException, InterruptedException {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long bytes = logs.stream()
                .flatMap(List::stream)
                .mapToLong(batch -> batch.length)
                .sum();
        long cpu = system.getProcessCpuTime();
        long begun = System.nanoTime();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> sent = new ArrayList<>();
            for (List<byte[]> log : logs) {
                sent.add(each.submit(() -> {
                    send(collector, log);
                    return log;
                }));
            }
            for (Future<?> done : sent) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a batch was not taken: " + e.getCause().getMessage(), e);
        }
        double seconds = (System.nanoTime() - begun) / NANOS;
        while (collector.status().pending() > 0) {
            Thread.sleep(SETTLE_MILLIS);
        }
        double whole = (System.nanoTime() - begun) / NANOS;
        return new Result(records, bytes, seconds, whole, (system.getProcessCpuTime() - cpu) / NANOS);
    }

    private static void send(Collector collector, List<byte[]> log) throws BatchRefusedException, IOException {
        for (byte[] batch : log) {
            Answer answer = take(collector, batch);
            if (!(answer instanceof Answer.Received)) {
                throw new IOException("answered by " + answer + " (expected: a receipt)");
            }
        }
    }

    /** As a sidecar does when there is no room: again, a little later. */
    private static Answer take(Collector collector, byte[] batch) throws BatchRefusedException, IOException {
        while (true) {
            try {
                return collector.take(batch, MadeMesh.ID);
            } catch (BatchRefusedException e) {
                if (e.reason() != BatchRefusedException.Reason.BUSY) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped", e);
        }
    }
}
