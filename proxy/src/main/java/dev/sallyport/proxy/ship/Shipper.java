package dev.sallyport.proxy.ship;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.Shipping;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.Backoff;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.log.Log;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Brings forced lines of the log to the collector, on a thread of its own that may block: reads a stretch, seals it with the key of the certificate in use, and goes on from the receipt. At least once: whatever has no
 * receipt is sent again, and the collector tells the copies by their numbers. One batch at a time, so that each begins where the one before ended.
 */
public final class Shipper implements AutoCloseable {
    /** A stretch is at least as large as the largest line. */
    static final int BATCH_BYTES_MIN = 128 * 1024;

    /** Usually; a backlog makes it grow, a network that is too slow for it shrink. */
    private static final int BATCH_BYTES = 256 * 1024;

    /** A record is on disk within a second; a look costs less than a microsecond. */
    private static final Duration LOOK = Duration.ofMillis(200);

    /** The connection gives up earlier, by itself. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /** A batch that failed after so long may have been too large for its network. */
    private static final Duration SLOW = Duration.ofSeconds(2);

    private final AuditLog log;
    private final SvidSource svids;
    private final Collector collector;
    private final Clock clock;
    private final Backoff backoff;
    private final Shipped shipped = new Shipped();
    private final Thread thread;

    // Of the shipper's thread.
    private @Nullable Shipping source;
    private int batchBytes = BATCH_BYTES;
    private long missing;

    private volatile boolean finishing;
    private volatile boolean closed;

    /** {@code svids}: whose key seals, read for each batch, so that a new certificate counts from the next one on. */
    public Shipper(AuditLog log, SvidSource svids, Collector collector, Clock clock, RandomGenerator random) {
        this.log = log;
        this.svids = svids;
        this.collector = collector;
        this.clock = clock;
        this.backoff = new Backoff(random);
        this.thread = Thread.ofPlatform().name("audit-ship").daemon().unstarted(this::run);
    }

    /** Once. */
    public void start() {
        thread.start();
    }

    public Shipped shipped() {
        return shipped;
    }

    private void run() {
        while (!closed) {
            try {
                Shipping source = source();
                Optional<Shipping.Stretch> next = source.after(shipped.received(), batchBytes);
                if (next.isPresent()) {
                    pause(send(source, next.get()));
                } else if (finishing) {
                    return;
                } else {
                    pause(LOOK);
                }
            } catch (IOException e) {
                problem("audit log: " + e.getMessage(), Optional.empty());
                pause(backoff.next());
            } catch (RuntimeException e) { // A thread that died in silence would be records that never leave.
                Log.defect("audit shipping", e);
                pause(Backoff.longest());
            }
        }
    }

    /** Of the stream that is written now: a log whose folder was taken away has begun another. */
    private Shipping source() {
        Shipping known = source;
        if (known == null || !known.streamId().equals(log.streamId())) {
            known = log.shipping();
            source = known;
            missing = 0;
            shipped.begins(known.received());
        }
        return known;
    }

    /** How long to wait then. */
    private Duration send(Shipping source, Shipping.Stretch stretch) throws IOException {
        Optional<X509Svid> svid = svids.svid();
        if (svid.isEmpty()) {
            return LOOK;
        }
        String stream = source.streamId();
        return switch (ask(sealed(stream, stretch, svid.get()), stream)) {
            case Answer.Received(long through) -> received(source, stretch, through);
            case Answer.Missing(long expected) -> missing(source, stretch, expected);
            case Answer.Refused refused -> {
                if (refused.tooMuch()) {
                    batchBytes = Math.max(BATCH_BYTES_MIN, batchBytes / 2);
                }
                problem(refused.why(), Optional.of(stretch));
                Duration own = backoff.next();
                yield refused.retryAfter()
                        .filter(wanted -> wanted.compareTo(own) > 0)
                        .orElse(own);
            }
        };
    }

    private byte[] sealed(String stream, Shipping.Stretch stretch, X509Svid svid) {
        return SealedBatch.seal(
                        stream,
                        stretch.first(),
                        stretch.last(),
                        stretch.previousHash(),
                        stretch.head(),
                        stretch.lines(),
                        clock.instant(),
                        Pem.encode(new ArrayList<>(svid.chain())),
                        svid.privateKey())
                .encode();
    }

    private Answer ask(byte[] batch, String stream) {
        long asked = System.nanoTime();
        try {
            Reply reply = collector.take(batch).get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
            return Answer.of(reply, stream);
        } catch (ExecutionException e) {
            String why = Optional.ofNullable(e.getCause())
                    .map(cause -> String.valueOf(cause.getMessage()))
                    .orElse("no answer");
            return new Answer.Refused(why, Optional.empty(), System.nanoTime() - asked > SLOW.toNanos());
        } catch (TimeoutException e) {
            return new Answer.Refused("no answer within " + ANSWER.toSeconds() + " s", Optional.empty(), true);
        } catch (InterruptedException e) { // Closing.
            return new Answer.Refused("stopped", Optional.empty(), false);
        }
    }

    private Duration received(Shipping source, Shipping.Stretch stretch, long through) throws IOException {
        if (through > log.durableNumber() || through < shipped.received()) {
            problem(
                    "a receipt up to number " + through + " (expected: " + shipped.received() + " to "
                            + log.durableNumber() + "; is another sidecar using a copy of this state folder?)",
                    Optional.of(stretch));
            return backoff.next();
        }
        if (!shipped.problem().isEmpty()) {
            Log.info("audit records are shipped again", "through", through);
        }
        long known = Math.max(shipped.received(), stretch.first() - 1); // A crash may have taken numbers before it.
        shipped.receipt(through, Math.max(0, Math.min(through, stretch.last()) - known), stretch.lines().length);
        remember(source, through);
        backoff.reset();
        missing = 0;
        boolean behind = through < log.durableNumber();
        batchBytes = behind ? Math.min(SealedBatch.LINES_BYTES_MAX, 2 * batchBytes) : BATCH_BYTES;
        return behind || finishing ? Duration.ZERO : LOOK;
    }

    /** Files that hold nothing later may go. After the log's end nobody needs to know: the next start sends again, and the collector knows the copies. */
    private void remember(Shipping source, long through) throws IOException {
        try {
            source.received(through);
        } catch (IOException e) {
            if (!finishing) {
                throw e;
            }
        }
    }

    /** The collector is behind what was sent: it gets the rest if this log still has it, and else hears the same again until it goes on with a gap on its own record. */
    private Duration missing(Shipping source, Shipping.Stretch stretch, long expected) {
        if (expected <= stretch.first() && expected != missing && has(source, expected)) {
            missing = expected;
            shipped.begins(expected - 1);
            return Duration.ZERO;
        }
        if (expected != missing) {
            missing = expected;
            shipped.lost(Math.max(0, stretch.first() - expected));
        }
        problem(
                "the collector has " + (expected - 1) + " records of this log, what follows is gone here up to number "
                        + (stretch.first() - 1),
                Optional.of(stretch));
        return backoff.next();
    }

    private boolean has(Shipping source, long number) {
        try {
            return source.after(number - 1, batchBytes)
                    .filter(stretch -> stretch.first() == number)
                    .isPresent();
        } catch (IOException gone) {
            return false;
        }
    }

    /** Once until it changes: an outage is one line in the log, and not one a second. */
    private void problem(String what, Optional<Shipping.Stretch> stretch) {
        if (!shipped.problem().equals(what)) {
            shipped.problem(what);
            Log.warn(
                    "audit records are not shipped",
                    "reason",
                    what,
                    "from",
                    stretch.map(Shipping.Stretch::first).orElse(shipped.received() + 1));
        }
    }

    private void pause(Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); left > 0 && !closed && !finishing; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        if (finishing && !closed && wait.compareTo(LOOK) > 0) {
            LockSupport.parkNanos(
                    this, LOOK.toNanos()); // Nobody waits long for a stop; a collector is not flooded for it.
        }
    }

    /**
     * After the log's end: ships what is left and waits for its receipts, for at most {@code limit}. What then has none is said, and stays in the folder for the next start.
     */
    public void finish(Duration limit) {
        finishing = true;
        LockSupport.unpark(thread);
        try {
            if (thread.isAlive()) {
                thread.join(limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        long left = shipped.lagRecords(log.durableNumber());
        if (left > 0) {
            Log.warn(
                    "audit records stay behind, the next start ships them",
                    "records",
                    left,
                    "waitedSeconds",
                    limit.toSeconds(),
                    "reason",
                    shipped.problem());
        }
    }

    /** At once. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
