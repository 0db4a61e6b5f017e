package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.governor.Governor;
import dev.sallyport.proxy.http.Heads;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.limit.Admission;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Sampling;
import dev.sallyport.proxy.telemetry.Telemetry;
import dev.sallyport.proxy.upstream.UpstreamPool;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** What one event loop owns of one direction: its upstream pool, its way to the audit log, its open downstream connections. Touched on that loop only, except as said. */
public final class Worker {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** In an interval: by a part of it the records of long requests are late, for no timer of their own. */
    private static final int SWEEPS = 4;

    private final EventLoop loop;
    private final Direction direction;
    private final String service;
    private final Limits limits;
    private final UpstreamPool pool;
    private final AuditLog.Appender audit;
    private final Pseudonyms pseudonyms;
    private final Telemetry telemetry;
    private final Observer observer;
    private final Clock clock;
    private final RandomGenerator random;
    private final Admission admission;
    private final Governor governor;
    private final Heads heads;
    private final Refusals refusals;
    private final byte[] scratch = new byte[64];
    private final Set<ExchangeHandler> open = new HashSet<>();
    private int underWay;
    private boolean draining;
    /** Of the certificate in force; empty until the first rotation. */
    private String ownSerial = "";

    public Worker(
            EventLoop loop,
            Direction direction,
            String service,
            Limits limits,
            UpstreamPool pool,
            AuditLog.Appender audit,
            Pseudonyms pseudonyms,
            Telemetry telemetry,
            Clock clock,
            RandomGenerator random,
            Admission admission) {
        this.loop = loop;
        this.direction = direction;
        this.service = service;
        this.limits = limits;
        this.pool = pool;
        this.audit = audit;
        this.pseudonyms = pseudonyms;
        this.telemetry = telemetry;
        this.observer = telemetry.observer(direction);
        this.clock = clock;
        this.random = random;
        this.admission = admission;
        this.governor = pool.governor();
        this.heads = new Heads(limits);
        this.refusals = new Refusals(limits.refusalsPerSecond());
        long sweep = limits.auditInterval().toNanos() / SWEEPS;
        loop.scheduleWithFixedDelay(this::recordIntervals, sweep, sweep, TimeUnit.NANOSECONDS);
    }

    public EventLoop loop() {
        return loop;
    }

    public Direction direction() {
        return direction;
    }

    public Limits limits() {
        return limits;
    }

    public Pseudonyms pseudonyms() {
        return pseudonyms;
    }

    public ProxyMetrics metrics() {
        return telemetry.metrics();
    }

    /** Hears of each request that ends. */
    Observer observer() {
        return observer;
    }

    /** Which requests get a span. */
    Sampling sampling() {
        return telemetry.sampling();
    }

    public Clock clock() {
        return clock;
    }

    /** Of every connection of this loop. */
    public Governor governor() {
        return governor;
    }

    public Admission admission() {
        return admission;
    }

    UpstreamPool pool() {
        return pool;
    }

    Heads heads() {
        return heads;
    }

    void requestStarted() {
        underWay++;
        observer.started();
    }

    void requestEnded() {
        underWay--;
    }

    /** Why one more request is too much, if it is: those that are under way come first. */
    Optional<Rejection> overload() {
        if (underWay > limits.requestsPerLoop()) {
            return Optional.of(new Rejection.Refused(Reason.OVERLOADED, "requests under way: " + (underWay - 1)));
        }
        if (admission.shedding()) {
            return Optional.of(new Rejection.Refused(Reason.OVERLOADED, "memory is scarce"));
        }
        return Optional.empty();
    }

    /** A record of this direction with a new decision id. */
    public AuditRecord newRecord(AuditRecord.Direction kind) {
        Instant now = clock.instant();
        AuditRecord record = new AuditRecord(AuditRecord.newId(now, random, scratch), now, kind);
        record.service = service;
        return record;
    }

    /** Room for a short text that is copied before anybody else of this loop writes there. */
    byte[] scratch() {
        return scratch;
    }

    /** 63 random bits, for ids that are names, not secrets. */
    public long randomBits() {
        return random.nextLong() >>> 1;
    }

    /** {@code length} random lower-case hex digits, for ids that are names, not secrets. */
    void randomHex(byte[] into, int from, int length) {
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = i % 16 == 0 ? random.nextLong() : bits >>> 4;
            into[from + i] = HEX[(int) bits & 15];
        }
    }

    /** Of what was not admitted, which a stranger can cause as often as he likes: beyond a rate it is counted, and one record stands for many. */
    public void appendRefused(AuditRecord record) {
        if (refusals.takes(record, System.nanoTime())) {
            append(record);
        }
    }

    /** Records how far a request has come that is still under way, and is filled on. */
    void interval(AuditRecord record) {
        record.phase = AuditRecord.Phase.INTERVAL;
        if (!audit.append(record, AuditLog.Mode.BUFFERED, _ -> {})) {
            metrics().recordDropped();
        }
        record.phase = AuditRecord.Phase.OUTCOME;
    }

    private void recordIntervals() {
        long now = System.nanoTime();
        open.forEach(connection -> connection.recordInterval(now));
        refusals.report(now, this::append);
    }

    /** Gives the record away: nobody touches it afterwards. Never blocks; a full ring is counted. */
    public void append(AuditRecord record) {
        if (!audit.append(record)) {
            metrics().recordDropped();
        }
    }

    /**
     * Records that the request is about to be forwarded. {@code durable} hears once, on this loop, perhaps in this call, whether the disk has it: a device that hangs is one that
     * failed. The record is filled on to its outcome meanwhile.
     */
    public void intent(AuditRecord record, Consumer<Boolean> durable) {
        record.phase = AuditRecord.Phase.INTENT;
        Future<?> late =
                loop.schedule(() -> durable.accept(false), limits.auditRecord().toNanos(), TimeUnit.NANOSECONDS);
        boolean accepted = audit.append(record, AuditLog.Mode.REQUIRED, outcome -> {
            record.phase = outcome == AuditLog.Outcome.REFUSED_FULL ? null : AuditRecord.Phase.OUTCOME;
            if (late.cancel(false)) {
                durable.accept(outcome == AuditLog.Outcome.DURABLE);
            }
        });
        if (accepted) {
            record.phase = AuditRecord.Phase.OUTCOME;
        } else {
            metrics().recordDropped();
        }
    }

    void opened(ExchangeHandler connection) {
        open.add(connection);
        if (open.size() > limits.connectionsPerLoop()) {
            connection.cut(); // Whoever is being served goes first.
        } else if (draining || outdated(connection)) {
            connection.retire();
        }
    }

    private boolean outdated(ExchangeHandler connection) {
        return !ownSerial.isEmpty()
                && connection.peer().isPresent()
                && !connection.peer().get().ownSerial().equals(ownSerial);
    }

    void closed(ExchangeHandler connection) {
        open.remove(connection);
    }

    /** Ends every downstream connection whose own certificate is not {@code serial}, and idle upstream connections of older ones; no request is lost. */
    public void rotated(String serial) {
        ownSerial = serial;
        pool.sweep();
        List.copyOf(open).stream().filter(this::outdated).forEach(ExchangeHandler::retire);
    }

    /** Any thread. Every connection says {@code connection: close} on its next response; idle ones end now. */
    public void drain() {
        loop.execute(() -> {
            draining = true;
            List.copyOf(open).forEach(ExchangeHandler::retire);
        });
    }

    /** Any thread. What is open is cut; unfinished exchanges are recorded as such. */
    public Future<?> abort() {
        return loop.submit(() -> {
            draining = true; // Who is still shaking hands is not served afterwards.
            List.copyOf(open).forEach(connection -> governor.end(connection, End.DRAIN));
            pool.closeIdle();
            refusals.end(this::append);
        });
    }
}
