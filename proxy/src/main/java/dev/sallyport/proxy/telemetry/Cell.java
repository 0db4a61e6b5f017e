package dev.sallyport.proxy.telemetry;

import dev.sallyport.audit.AuditRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The requests of one event loop that are alike in everything that metrics tell apart. Written by that loop alone with plain additions; a scrape reads whole numbers, though not all of the same instant. */
public final class Cell {
    /** Upper ends of the duration histogram's buckets in microseconds, OpenTelemetry's for HTTP; one more bucket has no end. */
    private static final long[] BUCKET_MICROS = {
        5_000,
        10_000,
        25_000,
        50_000,
        75_000,
        100_000,
        250_000,
        500_000,
        750_000,
        1_000_000,
        2_500_000,
        5_000_000,
        7_500_000,
        10_000_000
    };

    static final int DURATIONS = BUCKET_MICROS.length + 1;
    /** 256 bytes, and four times the one before each, to 64 MiB; one more has no end. */
    static final int SIZES = 11;

    private static final int SIZE_BITS = 8;

    static final int MICROS = DURATIONS;
    static final int REQUEST_BYTES = MICROS + 1;
    static final int REQUEST_SIZES = REQUEST_BYTES + 1;
    static final int RESPONSE_BYTES = REQUEST_SIZES + SIZES;
    static final int RESPONSE_SIZES = RESPONSE_BYTES + 1;
    static final int NUMBERS = RESPONSE_SIZES + SIZES;

    /** Opaque: neither half of a number alone is ever seen, and on the event loop's side it is a plain store. */
    private static final VarHandle NUMBER = MethodHandles.arrayElementVarHandle(long[].class);

    private final RequestKey key;
    private final long[] numbers = new long[NUMBERS];
    private volatile @Nullable AtomicReferenceArray<Traced> traced;

    /** One request of a bucket that a trace tells more of. */
    public record Traced(String traceId, long durationMicros, long endedMillis) {}

    Cell(RequestKey key) {
        this.key = key;
    }

    public RequestKey key() {
        return key;
    }

    /** On the loop. */
    void count(AuditRecord record, Span span) {
        int bucket = bucket(record.durationMicros);
        add(bucket, 1);
        add(MICROS, record.durationMicros);
        add(REQUEST_BYTES, record.requestBytes);
        add(REQUEST_SIZES + sizeBucket(record.requestBytes), 1);
        add(RESPONSE_BYTES, record.responseBytes);
        add(RESPONSE_SIZES + sizeBucket(record.responseBytes), 1);
        if (span.recorded() && record.traceId != null) {
            trace(bucket, record.traceId, record);
        }
    }

    /** One a second and bucket, which is more than a scrape asks for. Without the span's id: it may be as good as a user's handle for a while yet. */
    private void trace(int bucket, String traceId, AuditRecord record) {
        AtomicReferenceArray<Traced> kept = traced;
        if (kept == null) {
            kept = new AtomicReferenceArray<>(DURATIONS);
            traced = kept;
        }
        long millis = record.time.toEpochMilli() + record.durationMicros / 1000;
        Traced before = kept.getPlain(bucket);
        if (before == null || millis - before.endedMillis >= 1000) {
            kept.setRelease(bucket, new Traced(traceId, record.durationMicros, millis));
        }
    }

    private void add(int index, long amount) {
        NUMBER.setOpaque(numbers, index, (long) NUMBER.get(numbers, index) + amount);
    }

    static int bucket(long micros) {
        int bucket = 0;
        while (bucket < BUCKET_MICROS.length && micros > BUCKET_MICROS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    static int sizeBucket(long bytes) {
        if (bytes <= 1L << SIZE_BITS) {
            return 0;
        }
        int bits = Long.SIZE - Long.numberOfLeadingZeros(bytes - 1); // bytes <= 2^bits
        return Math.min(SIZES - 1, (bits - SIZE_BITS + 1) / 2);
    }

    /** Upper end of a bucket of durations in microseconds; of the last there is none. */
    static long bucketMicros(int bucket) {
        return BUCKET_MICROS[bucket];
    }

    static double sizeBytes(int bucket) {
        return bucket == SIZES - 1 ? Double.POSITIVE_INFINITY : 1L << SIZE_BITS + 2 * bucket;
    }

    /** Any thread. */
    long number(int index) {
        return (long) NUMBER.getOpaque(numbers, index);
    }

    /** Any thread. */
    @Nullable
    Traced traced(int bucket) {
        AtomicReferenceArray<Traced> kept = traced;
        return kept == null ? null : kept.getAcquire(bucket);
    }

    /** Any thread. */
    long requests() {
        long sum = 0;
        for (int i = 0; i < DURATIONS; i++) {
            sum += number(i);
        }
        return sum;
    }
}
