package dev.sallyport.benchmarks;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.benchmarks.pair.TokenMesh;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.admin.MetricsPages;
import dev.sallyport.proxy.admin.Observed;
import dev.sallyport.proxy.admin.PageRequest;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.svid.Membership;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.telemetry.Telemetry;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A whole metrics page of a sidecar with two event loops, made on one thread. The number of samples is printed, and after each iteration the CPU time of a page by the kernel's account, which is what counts where others use the machine. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ScrapeBenchmark {
    private static final PageRequest SCRAPE =
            new PageRequest("GET", "/metrics", Map.of(), "localhost", List.of(), "text/plain");

    /** How many routes have been asked for, each by three callers. */
    @Param({"42", "150"})
    public int routes;

    private Path folder = Path.of("");
    private AuditLog log;
    private MetricsPages pages;
    private long made;
    private long cpuBefore;

    /** Requests of every route; not measured. */
    @Setup(Level.Trial)
    public void open() throws Exception {
        folder = Files.createTempDirectory("scrape-benchmark");
        log = AuditLog.open(folder, AuditLog.Settings.of("orders/1"), Clock.systemUTC());
        ProxyMetrics metrics = new ProxyMetrics();
        RequestHead head = new RequestHead(Limits.standard());
        for (int loop = 0; loop < 2; loop++) {
            Observer observer = Telemetry.of(metrics).observer(Direction.INBOUND);
            for (int i = 0; i < 3 * routes; i++) {
                observer.started();
                observer.ended(MetricsBenchmark.record(i % 3, i / 3), Reason.ALLOWED, head, Span.NONE);
            }
        }
        pages = new MetricsPages(
                new Observed(
                        "orders",
                        "0.1.0",
                        new Snapshots(Clock.systemUTC()),
                        member(svid()),
                        new Connections(),
                        metrics,
                        log,
                        Optional.empty(),
                        Clock.systemUTC()),
                false);
        long samples = pages.page(SCRAPE)
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .count();
        System.out.println(routes + " routes: " + samples + " samples");
    }

    private static X509Svid svid() throws Exception {
        Path written = Files.createTempDirectory("scrape-benchmark-mesh");
        TokenMesh.write(written);
        return X509Svid.ofPem(
                Files.readString(written.resolve("backend.pem")), Files.readString(written.resolve("backend.key")));
    }

    /** The log's files go with the folder for temporary files. */
    @TearDown(Level.Trial)
    public void close() throws Exception {
        log.close();
    }

    /** The account of the thread that makes the pages. */
    @Setup(Level.Iteration)
    public void begin() {
        made = 0;
        cpuBefore = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** What a page has cost. */
    @TearDown(Level.Iteration)
    public void account() {
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBefore;
        System.out.printf(Locale.ROOT, "CPU %.2f ms a page%n", nanos / 1e6 / made);
    }

    /** As Prometheus asks for it. */
    @Benchmark
    public int scrape() {
        made++;
        return pages.page(SCRAPE).body().length();
    }

    private static Membership member(X509Svid svid) {
        return (Membership) Proxy.newProxyInstance(
                Membership.class.getClassLoader(),
                new Class<?>[] {Membership.class},
                (_, method, _) -> switch (method.getName()) {
                    case "svid" -> svid;
                    case "renewals", "renewalFailures", "snapshotsRefused" -> 0L;
                    case "connected" -> Optional.of(true);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
