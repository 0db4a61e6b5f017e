package dev.sallyport.benchmarks.audit;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.benchmarks.load.EventLoop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/** Requests of one event loop that wait until their records are durable, as the sidecar's do: each is followed by the next. */
public final class WaitersLoop {
    private final AuditLog.Appender appender;
    private final SampleRecords samples = new SampleRecords();
    private final Histogram micros = Forces.histogram();
    private final long from;
    private final long until;
    private final CountDownLatch left;
    private long failed;

    private WaitersLoop(AuditLog log, EventLoop loop, int waiters, Duration warmUp, Duration measured) {
        appender = log.on(loop::execute);
        from = System.nanoTime() + warmUp.toNanos();
        until = from + measured.toNanos();
        left = new CountDownLatch(waiters);
    }

    public static Forces run(AuditLog log, EventLoop loop, int waiters, Duration warmUp, Duration measured)
            throws InterruptedException {
        WaitersLoop all = new WaitersLoop(log, loop, waiters, warmUp, measured);
        for (int i = 0; i < waiters; i++) {
            loop.execute(all::next);
        }
        all.left.await();
        return new Forces(all.micros, all.micros.getTotalCount(), all.failed, measured.toNanos() / 1e9);
    }

    private void next() {
        long now = System.nanoTime();
        if (now - until >= 0) {
            left.countDown();
            return;
        }
        appender.append(samples.next(), AuditLog.Mode.REQUIRED, outcome -> {
            long took = System.nanoTime() - now;
            if (outcome != AuditLog.Outcome.DURABLE) {
                failed++;
            } else if (now - from >= 0) {
                micros.recordValue(Math.min(took / 1000, micros.getHighestTrackableValue()));
            }
            next();
        });
    }
}
