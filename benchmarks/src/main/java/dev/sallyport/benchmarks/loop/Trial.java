package dev.sallyport.benchmarks.loop;

import dev.sallyport.benchmarks.load.EventLoop;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * One event loop with two streams of work, each of which arrives at random, independently (Poisson): short work, as a sidecar does it for a request, and long work, as the verification of a token that was not seen before. A
 * delay counts from the moment at which the work was to begin to that at which the loop has its result.
 *
 * @param shortWork what each short piece is
 * @param shortPerSecond how many of them, on average
 * @param longWork what each long piece is; on one thread at a time
 * @param longPerSecond 0: none
 * @param off the long work is done on a thread of its own, and its result handed back to the loop
 */
public record Trial(Work shortWork, double shortPerSecond, Runnable longWork, double longPerSecond, boolean off) {
    private static final long HIGHEST_NANOS = TimeUnit.SECONDS.toNanos(100);

    /** Delays in nanoseconds, of what was to begin after the warm-up. */
    public record Result(Histogram shortWork, Histogram longWork) {}

    /** Blocks; {@link java.util.concurrent.CompletionException} when work failed. {@code begin} and {@code end} run on the caller's thread at the limits of what is measured. */
    public Result run(EventLoop loop, Random random, Duration warmUp, Duration measured, Runnable begin, Runnable end)
            throws InterruptedException {
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20); // the first is not late already
            long from = start + warmUp.toNanos();
            long until = from + measured.toNanos();
            Stream quick = new Stream(loop, new Random(random.nextLong()), shortPerSecond, from, until);
            Stream slow = new Stream(loop, new Random(random.nextLong()), longPerSecond, from, until);
            CompletableFuture<Void> done = CompletableFuture.allOf(quick.done, slow.done);
            loop.execute(() -> {
                quick.next(start, at -> quick.finish(at, shortWork::run));
                slow.next(start, at -> {
                    if (off) {
                        other.execute(() -> slow.attempt(() -> {
                            longWork.run();
                            loop.execute(() -> slow.finish(at, () -> {}));
                        }));
                    } else {
                        slow.finish(at, longWork);
                    }
                });
            });
            TimeUnit.NANOSECONDS.sleep(from - System.nanoTime());
            begin.run();
            TimeUnit.NANOSECONDS.sleep(until - System.nanoTime());
            end.run();
            done.join();
            return new Result(quick.delays, slow.delays);
        }
    }

    /** A piece of work that was to begin at a time of {@link System#nanoTime}. */
    private interface Piece {
        void run(long at);
    }

    /** Arrivals of one kind, one scheduled by the other. On the event loop, whose timers come in the order of their times however late they are. */
    private static final class Stream {
        private final EventLoop loop;
        private final Random random;
        private final double perSecond;
        private final long from;
        private final long until;
        private final Histogram delays = new Histogram(HIGHEST_NANOS, 3);
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private int underWay;
        private boolean last;

        Stream(EventLoop loop, Random random, double perSecond, long from, long until) {
            this.loop = loop;
            this.random = random;
            this.perSecond = perSecond;
            this.from = from;
            this.until = until;
        }

        void next(long after, Piece piece) {
            long at = perSecond == 0 ? until : after + Math.round(random.nextExponential() * 1e9 / perSecond);
            if (at - until >= 0) {
                last = true;
                complete();
                return;
            }
            loop.at(at, () -> {
                underWay++;
                next(at, piece); // before the work: what is due meanwhile stands in line where it belongs
                piece.run(at);
            });
        }

        /** Does what is left of a piece. */
        void finish(long at, Runnable rest) {
            attempt(() -> {
                rest.run();
                if (at - from >= 0) {
                    delays.recordValue(Math.min(System.nanoTime() - at, HIGHEST_NANOS));
                }
                underWay--;
                complete();
            });
        }

        /** Work that fails fails the trial. */
        void attempt(Runnable work) {
            try {
                work.run();
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        }

        private void complete() {
            if (last && underWay == 0) {
                done.complete(null);
            }
        }
    }
}
