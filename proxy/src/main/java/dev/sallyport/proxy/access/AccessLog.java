package dev.sallyport.proxy.access;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.LoopRing;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.Span;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A line for each ended request, on standard output or in a file. Event loops hand a request over and go on; one thread looks for them, makes the lines and writes them in batches. What finds no room is counted,
 * and {@code {"dropped":n}} stands where it is missing. A sink that fails is told once on standard error and tried again; it holds up nobody.
 */
public final class AccessLog implements Observer.Maker {
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int BATCH_BYTES = Math.max(1 << 18, 4 * AccessLine.BYTES_MAX);

    private final LineSink sink;
    private final AccessMetrics metrics;
    private final List<LoopRing<Seen>> rings = new CopyOnWriteArrayList<>();
    private final Thread writer =
            Thread.ofPlatform().name("access-log").daemon().unstarted(this::run);
    private final CountDownLatch closing = new CountDownLatch(1);
    // Of the writer from here on.
    private final ByteBuffer batch = ByteBuffer.allocateDirect(BATCH_BYTES).flip();
    private final AccessLine line = new AccessLine(batch);
    private int linesInBatch;
    private long droppedTold;
    private boolean failing;

    AccessLog(LineSink sink, AccessMetrics metrics) {
        this.sink = sink;
        this.metrics = metrics;
    }

    /** Where nothing else is written from {@link #start} on. */
    public static AccessLog toStandardOutput(AccessMetrics metrics) {
        return new AccessLog(new StandardOutput(), metrics);
    }

    /** {@code files}: how many of {@code bytesMax} are kept, the one under way among them. IOException: what, why and what is expected. */
    public static AccessLog toFile(Path file, long bytesMax, int files, AccessMetrics metrics) throws IOException {
        try {
            return new AccessLog(new RotatedFile(file, bytesMax, files), metrics);
        } catch (IOException e) {
            throw new IOException(
                    "accessLog.to: " + e.getMessage() + " (expected: stdout, or a file that this user can write)", e);
        }
    }

    @Override
    public Observer on(Direction direction) {
        LoopRing<Seen> ring = new LoopRing<>();
        rings.add(ring);
        return (AuditRecord record, Reason reason, RequestHead head, Span span) -> {
            if (ring.isFull()) {
                metrics.dropped.increment();
            } else {
                ring.add(Seen.of(record, reason, head));
            }
        };
    }

    /** Until then requests wait for their turn, as many as there is room for. Once. */
    public void start() {
        writer.start();
    }

    /** Writes what has been handed over, and ends; what takes longer than {@code limit} is lost. */
    public void close(Duration limit) {
        closing.countDown();
        if (writer.getState() == Thread.State.NEW) {
            writer.start(); // There was nothing to be ready for, and something to tell.
        }
        try {
            if (!writer.join(limit)) {
                Log.warn("access log not written to its end", "milliseconds", limit.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            boolean last = false;
            while (!last) {
                last = closing.await((failing ? RETRY : LOOK).toMillis(), TimeUnit.MILLISECONDS);
                while (step()) {
                    // As long as there is something.
                }
            }
            countLost();
            sink.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            Log.warn("access log not closed", "cause", e);
        }
    }

    /** What is still here at the end, as the sink takes nothing. */
    private void countLost() {
        long lost = batch.hasRemaining() ? linesInBatch : 0;
        for (LoopRing<Seen> ring : rings) {
            while (ring.poll() != null) {
                lost++;
            }
        }
        if (lost > 0) {
            metrics.dropped.add(lost);
            Log.warn("access log ends without lines that could not be written", "lines", lost);
        }
    }

    /** Whether there may be more to do at once. */
    private boolean step() {
        if (!batch.hasRemaining() && !filled()) {
            return false;
        }
        try {
            if (batch.position() == 0) {
                sink.ready(batch.remaining());
            }
            while (batch.hasRemaining()) {
                int before = batch.remaining();
                sink.write(batch);
                if (batch.remaining() == before) {
                    throw new IOException("nothing is taken");
                }
            }
        } catch (IOException | RuntimeException e) { // A thread that died in silence would be a log that ends.
            failed(e);
            return false;
        }
        metrics.written.add(linesInBatch);
        if (failing) {
            failing = false;
            Log.info("access log is written again", "dropped", metrics.dropped.sum());
        }
        return true;
    }

    /** False: there is nothing to write now. */
    private boolean filled() {
        try {
            return fill();
        } catch (RuntimeException | OutOfMemoryError e) { // The same; what one line cannot do, the next may.
            metrics.dropped.add(linesInBatch);
            batch.clear().flip();
            Log.defect("access line", e);
            return false;
        }
    }

    /** The next batch, whole lines. False: nothing has happened. */
    private boolean fill() {
        batch.clear();
        linesInBatch = 0;
        long dropped = metrics.dropped.sum();
        if (dropped > droppedTold) {
            line.count("dropped", dropped - droppedTold);
            droppedTold = dropped;
        }
        for (LoopRing<Seen> ring : rings) {
            take(ring);
        }
        batch.flip();
        return batch.hasRemaining();
    }

    private void take(LoopRing<Seen> ring) {
        while (batch.remaining() >= AccessLine.BYTES_MAX) {
            Seen seen = ring.poll();
            if (seen == null) {
                return;
            }
            linesInBatch++; // First: also of the one that fails.
            line.write(seen);
        }
    }

    private void failed(Exception cause) {
        if (!failing) {
            failing = true;
            Log.warn("access log cannot be written, lines are dropped until it can", "cause", cause);
        }
    }
}
