package dev.sallyport.cli.demo;

import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** One kind of request again and again, at a steady pace, until stopped; whatever is not 200 has failed. */
final class Load {
    private static final int PER_SECOND = 200;
    /** More than this at once are not sent: a slow machine gets less load, not a queue. */
    static final int IN_FLIGHT_MAX = 8;

    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(20);

    /** One request. */
    @FunctionalInterface
    interface Request {
        Client.Answer send() throws IOException, CliException, InterruptedException;
    }

    /** {@code perSecond} as it was, not as it was meant. */
    record Result(long sent, long failed, long perSecond, Duration slowest, Optional<String> firstFailure) {}

    private final Request request;
    private final Duration drainLimit;
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);
    private final Thread pacer;
    private final long startedAt = System.nanoTime();
    private volatile boolean stopped;

    private boolean drained; // the rest is guarded by this
    private long sent;
    private long answered;
    private long failed;
    private long slowestNanos;
    private long endedAt;
    private Optional<String> firstFailure = Optional.empty();

    private Load(Request request, Duration drainLimit) {
        this.request = request;
        this.drainLimit = drainLimit;
        this.pacer = Thread.ofVirtual().name("load").unstarted(this::pace);
    }

    static Load start(Request request) {
        return start(request, DRAIN_LIMIT);
    }

    static Load start(Request request, Duration drainLimit) {
        Load load = new Load(request, drainLimit);
        load.pacer.start();
        return load;
    }

    private void pace() {
        long next = System.nanoTime();
        try {
            while (!stopped) {
                if (inFlight.tryAcquire()) {
                    began();
                    Thread.ofVirtual().start(this::sendOne);
                }
                next += TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            }
        } catch (InterruptedException e) {
            stopped = true;
        }
    }

    private void sendOne() {
        long began = System.nanoTime();
        try {
            Client.Answer answer = request.send();
            ended(
                    began,
                    answer.status() == 200 ? Optional.empty() : Optional.of(answer.status() + " " + answer.body()));
        } catch (IOException | CliException | RuntimeException e) {
            ended(began, Optional.of(e.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended(began, Optional.of("interrupted"));
        } finally {
            inFlight.release();
        }
    }

    private synchronized void began() {
        sent++;
    }

    private synchronized void ended(long began, Optional<String> failure) {
        if (drained) {
            return; // Counted as unanswered.
        }
        answered++;
        endedAt = System.nanoTime();
        slowestNanos = Math.max(slowestNanos, endedAt - began);
        failed += failure.isPresent() ? 1 : 0;
        firstFailure = firstFailure.or(() -> failure);
    }

    /** Sends no more, and waits for the answers that are still due; one that does not come has failed. */
    void stop() throws InterruptedException {
        stopped = true;
        pacer.join();
        if (inFlight.tryAcquire(IN_FLIGHT_MAX, drainLimit.toMillis(), TimeUnit.MILLISECONDS)) {
            inFlight.release(IN_FLIGHT_MAX);
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
            slowestNanos = Math.max(slowestNanos, drainLimit.toNanos());
            firstFailure = firstFailure.or(() ->
                    Optional.of(unanswered + " without an answer " + drainLimit.toSeconds() + " s after the end"));
        }
    }

    /** After {@link #stop}. */
    synchronized Result result() {
        long millis = Math.max(1, (endedAt - startedAt) / 1_000_000);
        return new Result(sent, failed, sent * 1000 / millis, Duration.ofNanos(slowestNanos), firstFailure);
    }
}
