package dev.sallyport.benchmarks;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.telemetry.Telemetry;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a request pays for its metrics, 64 different ones in turn: a cell that tells everything apart, beside the counters of before, which told the reason apart and nothing else. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MetricsBenchmark {
    private static final int REQUESTS = 64;

    private final RequestHead head = new RequestHead(Limits.standard());
    private final AuditRecord[] records = new AuditRecord[REQUESTS];
    private final Observer cells = Telemetry.of(new ProxyMetrics()).observer(Direction.INBOUND);
    private final Map<Reason, LongAdder> reasons = new EnumMap<>(Reason.class);
    private final LongAdder active = new LongAdder();
    private final LongAdder micros = new LongAdder();
    private final LongAdder[] buckets = new LongAdder[15];
    private int next;

    /** Eight callers of eight routes. */
    @Setup
    public void fill() {
        for (int i = 0; i < REQUESTS; i++) {
            records[i] = record(i % 8, i / 8);
        }
        for (Reason reason : Reason.values()) {
            reasons.put(reason, new LongAdder());
        }
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    static AuditRecord record(int caller, int route) {
        AuditRecord record = new AuditRecord("ID", Instant.EPOCH, AuditRecord.Direction.INBOUND);
        record.method = "GET";
        record.status = 200;
        record.verdict = AuditRecord.Verdict.ALLOW;
        record.callerId = "spiffe://shop.example/ns/shop/sa/caller-" + caller;
        record.template = "/orders/{id}/part-" + route;
        record.route = "orders/route-" + route;
        record.rule = "orders/route-" + route + "/web";
        record.tokenResult = "verified";
        record.userIssuer = "https://id.example";
        record.durationMicros = 300;
        record.responseBytes = 1024;
        return record;
    }

    /** As the sidecar counts. */
    @Benchmark
    public void cell() {
        next = next + 1 & REQUESTS - 1;
        cells.started();
        cells.ended(records[next], Reason.ALLOWED, head, Span.NONE);
    }

    /** As it counted before there were labels. */
    @Benchmark
    public void adders() {
        next = next + 1 & REQUESTS - 1;
        active.increment();
        active.decrement();
        reasons.get(Reason.ALLOWED).increment();
        micros.add(records[next].durationMicros);
        int bucket = 0;
        for (long end = 5_000; bucket < buckets.length - 1 && records[next].durationMicros > end; end *= 2) {
            bucket++;
        }
        buckets[bucket].increment();
    }
}
