package dev.sallyport.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeMap;
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
 * One record of an inbound request with a proven user. The score of {@code append} less that of {@code fill} is what the event loop pays, in bursts that the ring holds; each
 * iteration of {@code append} also prints what both threads spent for one record, by the kernel's and the JVM's own account: steadier than the score where others use the machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class RecordBenchmark {
    /** Few enough for the ring, many enough for the readings around them not to show. */
    private static final int BURST = 128;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final SplittableRandom random = new SplittableRandom(1);
    private final Clock clock = Clock.systemUTC();
    private final TreeMap<String, String> claims = new TreeMap<>();
    private final List<String> roles = List.of("customer", "clerk");
    private final List<String> scopes = List.of("orders.read", "charges.write");
    private final Instant notAfter = Instant.ofEpochSecond(1_800_000_000);
    private Path folder = Path.of("");
    private AuditLog log;
    private AuditLog.Appender appender;
    private long writer;
    private long appended;
    private long appendedBefore;
    private long loopNanos;
    private long loopBytes;
    private long writerNanosBefore;
    private long writerBytesBefore;

    /** A log in a new folder for temporary files. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        claims.put("tenant", "t-4711");
        folder = Files.createTempDirectory("record-benchmark");
        log = AuditLog.open(folder, AuditLog.Settings.of("spiffe://shop.example/ns/shop/sa/orders#1"), clock);
        appender = log.on(Runnable::run);
        writer = Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().equals("audit-log"))
                .findFirst()
                .orElseThrow()
                .getThreadId();
    }

    /** The log's files go. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        log.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** Where the threads stand. */
    @Setup(Level.Iteration)
    public void begin() {
        appendedBefore = appended;
        loopNanos = 0;
        loopBytes = 0;
        writerNanosBefore = THREADS.getThreadCpuTime(writer);
        writerBytesBefore = THREADS.getThreadAllocatedBytes(writer);
    }

    /** What the writer's thread spent. */
    @TearDown(Level.Iteration)
    public void report() {
        double records = appended - appendedBefore;
        if (records > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "[loop %.0f ns, %.0f bytes; writer %.0f ns, %.0f bytes] ",
                    loopNanos / records,
                    loopBytes / records,
                    (THREADS.getThreadCpuTime(writer) - writerNanosBefore) / records,
                    (THREADS.getThreadAllocatedBytes(writer) - writerBytesBefore) / records);
        }
    }

    /** The next burst finds an empty ring. */
    @TearDown(Level.Invocation)
    public void drain() throws InterruptedException {
        while (log.recordsWritten() < appended) {
            Thread.sleep(1);
        }
    }

    /** Fills records, as an exchange does on its way; the baseline of {@link #append}. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public int fill() {
        int length = 0;
        for (int i = 0; i < BURST; i++) {
            length += record(i).id.length();
        }
        return length;
    }

    /** Fills records and gives them away. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void append() {
        long nanosBefore = THREADS.getCurrentThreadCpuTime();
        long bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < BURST; i++) {
            if (!appender.append(record(i))) {
                throw new IllegalStateException("dropped");
            }
        }
        appended += BURST;
        loopBytes += THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
        loopNanos += THREADS.getCurrentThreadCpuTime() - nanosBefore;
    }

    private AuditRecord record(int number) {
        Instant now = clock.instant();
        AuditRecord record = new AuditRecord(AuditRecord.newId(now, random), now, AuditRecord.Direction.INBOUND);
        record.service = "orders";
        record.peerAddress = "10.0.0.7:47110";
        record.callerId = "spiffe://shop.example/ns/shop/sa/web";
        record.peerSerial = "5f0a7c1d9e3b482f";
        record.peerFingerprint = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        record.tlsVersion = "1.3";
        record.peerIssuer = "CN=shop.example intermediate 4";
        record.peerNotAfter = "2026-12-03T10:15:30Z";
        record.tlsCipher = "TLS_AES_128_GCM_SHA256";
        record.tlsCurve = "X25519MLKEM768";
        record.method = "GET";
        record.authority = "orders.shop.internal";
        record.authorityPort = 8080;
        record.route = "orders/read";
        record.template = "/orders/{id}";
        record.path = "/orders/k-3q9ZxYb1" + (char) ('a' + (number & 15));
        record.verdict = AuditRecord.Verdict.ALLOW;
        record.reason = "allowed";
        record.rule = "orders/read/web";
        record.limit = "within";
        record.tokenResult = "verified";
        record.tokenKeyId = "2026-11";
        record.tokenIssuedAt = now;
        record.tokenExpiresAt = notAfter;
        record.tokenIdHash = "k-Yb81xQ04tT7mPw";
        record.userIssuer = "https://issuer.shop.example";
        record.userHash = "k-Zb81xQ04tT7mPw";
        record.userRoles = roles;
        record.userScopes = scopes;
        record.userClaims = claims;
        record.revision = 42;
        record.policyDigest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        record.status = 200;
        record.responseBytes = 1024;
        record.durationMicros = 412;
        record.processingMicros = 61;
        record.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        record.upstreamAddress = "127.0.0.1:9000";
        return record;
    }
}
