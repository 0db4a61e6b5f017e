package dev.sallyport.benchmarks;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.benchmarks.audit.SampleRecords;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.access.AccessLog;
import dev.sallyport.proxy.access.Tap;
import dev.sallyport.proxy.access.Taps;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One request told to the access log: {@code handOver} is what the event loop pays beside its record, in bursts that the ring holds; {@code line} is a tap, which hands over and makes the line on one thread, so that
 * its score less that of {@code handOver} is what the log's writer pays before it writes. {@code untapped} is the hook where nobody listens.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class AccessLogBenchmark {
    /** Few enough for the ring and for a tap's second. */
    private static final int BURST = 1000;

    private final RequestHead head = new RequestHead(Limits.standard());
    private final AccessMetrics metrics = new ProxyMetrics().access();
    private final Taps nobody = new Taps(metrics, System::nanoTime);
    private final Observer unheard = nobody.on(Direction.INBOUND);
    private AuditRecord record = new SampleRecords().next();
    private Path folder = Path.of("");
    private AccessLog log;
    private Observer logged;
    private Observer tapped;
    private Tap tap;
    private long told;
    private long now;

    /** A log in a new folder for temporary files, and one listener. */
    @Setup(Level.Trial)
    public void open() throws IOException, RequestRejectedException {
        boolean whole = head.read(Unpooled.copiedBuffer(
                "GET /orders/7 HTTP/1.1\r\nhost: orders\r\nuser-agent: curl/8.5.0\r\naccept: */*\r\n"
                        + "x-forwarded-for: 10.1.2.3\r\nx-request-id: 9ecfe503adf6d876c6707a8a12219c5a\r\n\r\n",
                StandardCharsets.US_ASCII));
        if (!whole) {
            throw new IllegalStateException("a head that ends");
        }
        folder = Files.createTempDirectory("access-log-benchmark");
        log = AccessLog.toFile(folder.resolve("access.log"), 64 << 20, 2, metrics);
        logged = log.on(Direction.INBOUND);
        log.start();
        Taps taps = new Taps(metrics, () -> now);
        tapped = taps.on(Direction.INBOUND);
        tap = taps.open(new Tap.Wish(false, Optional.empty(), Optional.empty(), BURST))
                .orElseThrow();
    }

    /** The log's files go. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        log.close(Duration.ofSeconds(5));
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** The next burst finds an empty ring, and a new second. */
    @TearDown(Level.Invocation)
    public void drain() throws InterruptedException {
        while (metrics.written.sum() + metrics.dropped.sum() < told) {
            Thread.sleep(1);
        }
        if (metrics.dropped.sum() > 0) {
            throw new IllegalStateException("dropped");
        }
        now += Duration.ofSeconds(1).toNanos();
        tap.read(); // Begins it.
    }

    /** Hands requests over to the access log. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void handOver() {
        for (int i = 0; i < BURST; i++) {
            logged.ended(record, Reason.ALLOWED, head, Span.NONE);
        }
        told += BURST;
    }

    /** Hands requests over and makes their lines; the bytes of the last. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int line() {
        for (int i = 0; i < BURST; i++) {
            tapped.ended(record, Reason.ALLOWED, head, Span.NONE);
        }
        int bytes = 0;
        for (byte[] lines = tap.read(); lines.length > 0; lines = tap.read()) {
            bytes += lines.length;
        }
        if (bytes < BURST * 100) {
            throw new IllegalStateException("lines are missing");
        }
        return bytes;
    }

    /** Nobody listens. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void untapped() {
        for (int i = 0; i < BURST; i++) {
            unheard.ended(record, Reason.ALLOWED, head, Span.NONE);
        }
    }
}
