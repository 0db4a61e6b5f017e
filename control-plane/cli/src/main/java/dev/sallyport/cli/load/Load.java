package dev.sallyport.cli.load;

import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One kind of request again and again, at a steady pace, until stopped. Latencies count from the moment at which a request was to be sent. Any thread. */
public final class Load {
    /** One request. */
    @FunctionalInterface
    public interface Request {
        /** What was wrong with its answer, if anything; what it throws is wrong as well. Blocking. */
        Optional<String> send() throws IOException, CliException, InterruptedException;
    }

    /** {@code held}: those that were due and not sent, too many being under way; {@code perSecond} as it was, not as it was meant. */
    public record Result(
            long sent,
            long failed,
            long held,
            long perSecond,
            Duration p50,
            Duration p99,
            Duration slowest,
            Optional<String> firstFailure) {}

    private final Request request;
    private final Pace pace;
    private final Semaphore inFlight;
    private final Thread pacer;
    private final long startedAt = System.nanoTime();
    private volatile boolean stopped;

    private boolean drained; // the rest is guarded by this
    private long sent;
    private long answered;
    private long failed;
    private long held;
    private final Latencies latencies = new Latencies();
    private long endedAt;
    private Optional<String> firstFailure = Optional.empty();

    private Load(Request request, Pace pace) {
        this.request = request;
        this.pace = pace;
        this.inFlight = new Semaphore(pace.inFlightMax());
        this.pacer = Thread.ofVirtual().name("load").unstarted(this::pace);
    }

    /** At 200 requests a second, 8 at once. */
    public static Load start(Request request) {
        return start(request, Pace.STEADY);
    }

    public static Load start(Request request, Pace pace) {
        Load load = new Load(request, pace);
        load.pacer.start();
        return load;
    }

    private void pace() {
        long next = System.nanoTime();
        try {
            while (!stopped) {
                boolean room = inFlight.tryAcquire();
                due(room);
                if (room) {
                    long intended = next;
                    Thread.ofVirtual().start(() -> sendOne(intended));
                }
                next += pace.intervalNanos();
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            }
        } catch (InterruptedException e) {
            stopped = true;
        }
    }

    private void sendOne(long intended) {
        try {
            ended(intended, request.send());
        } catch (IOException | CliException | RuntimeException e) {
            ended(intended, Optional.of(e.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended(intended, Optional.of("interrupted"));
        } finally {
            inFlight.release();
        }
    }

    private synchronized void due(boolean room) {
        sent += room ? 1 : 0;
        held += room ? 0 : 1;
    }

    private synchronized void ended(long intended, Optional<String> failure) {
        if (drained) {
            return; // Counted as unanswered.
        }
        answered++;
        endedAt = System.nanoTime();
        latencies.add(endedAt - intended);
        failed += failure.isPresent() ? 1 : 0;
        firstFailure = firstFailure.or(() -> failure);
    }

    /** Sends no more, and waits for the answers that are still due; one that does not come has failed. */
    public void stop() throws InterruptedException {
        stopped = true;
        pacer.join();
        if (inFlight.tryAcquire(pace.inFlightMax(), pace.drain().toMillis(), TimeUnit.MILLISECONDS)) {
            inFlight.release(pace.inFlightMax());
        }
        drained();
    }

    private synchronized void drained() {
        if (drained) {
            return;
        }
        drained = true;
        long unanswered = sent - answered;
        if (unanswered > 0) {
            failed += unanswered;
            endedAt = System.nanoTime();
            latencies.add(pace.drain().toNanos());
            firstFailure = firstFailure.or(() -> Optional.of(
                    unanswered + " without an answer " + pace.drain().toSeconds() + " s after the end"));
        }
    }

    /** So far; of everything after {@link #stop}. */
    public synchronized Result result() {
        long millis = Math.max(1, ((drained ? endedAt : System.nanoTime()) - startedAt) / 1_000_000);
        return new Result(
                sent,
                failed,
                held,
                sent * 1000 / millis,
                latencies.percentile(50),
                latencies.percentile(99),
                latencies.slowest(),
                firstFailure);
    }
}
