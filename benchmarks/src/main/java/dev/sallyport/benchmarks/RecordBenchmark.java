package dev.sallyport.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.benchmarks.audit.SampleRecords;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Locale;
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

    private final SampleRecords samples = new SampleRecords();
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
        folder = Files.createTempDirectory("record-benchmark");
        log = AuditLog.open(folder, AuditLog.Settings.of("orders/1"), Clock.systemUTC());
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
            length += samples.next().id.length();
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
            if (!appender.append(samples.next())) {
                throw new IllegalStateException("dropped");
            }
        }
        appended += BURST;
        loopBytes += THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
        loopNanos += THREADS.getCurrentThreadCpuTime() - nanosBefore;
    }
}
