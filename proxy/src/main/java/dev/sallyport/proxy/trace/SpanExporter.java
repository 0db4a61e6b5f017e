package dev.sallyport.proxy.trace;

import dev.sallyport.proxy.controlplane.Backoff;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.LoopRing;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.SpanMetrics;
import dev.sallyport.proxy.telemetry.SpanMetrics.Result;
import dev.sallyport.proxy.trace.HeadersFile.Header;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Tells a trace collector of recorded spans: event loops put them into rings, one thread takes them out, encodes and sends them, a batch at a time. A collector that is slow, dead or hostile costs the spans for which
 * there is no room, and nothing else.
 */
public final class SpanExporter implements Observer.Maker {
    /** Where {@code url} leads, without the path of its own; {@code headersFile}: {@code name: value} lines; {@code attempt}: the deadline of one; {@code patience}: how long a batch is tried. */
    public record Settings(URI url, Optional<Path> headersFile, Duration attempt, Duration patience) {
        /** As an operator gets it. */
        public static Settings of(URI url, Optional<Path> headersFile) {
            return new Settings(url, headersFile, Duration.ofSeconds(10), Duration.ofMinutes(1));
        }
    }

    /** How often the rings are looked into; they hold forty times what a loop can serve in it. */
    private static final Duration LOOK = Duration.ofMillis(50);

    private final SpanQueue queue;
    private final SpanMetrics metrics;
    private final BatchEncoder encoder;
    private final CollectorConnection collector;
    private final Optional<HeadersFile> headers;
    private final Duration patience;
    private final Backoff backoff;
    private final Thread thread;
    private String problem = ""; // Of the exporter's thread.
    private volatile long finishBy;
    private volatile boolean finishing;

    /** {@code held}: which spans may not leave yet. Nothing is sent before {@link #start}. */
    public SpanExporter(
            Settings settings,
            Origin origin,
            HeldSpans held,
            Transport transport,
            SpanMetrics metrics,
            RandomGenerator random) {
        this.queue = new SpanQueue(held, metrics);
        this.metrics = metrics;
        this.encoder = new BatchEncoder(origin);
        String url = settings.url().toString().replaceFirst("/+$", "");
        this.collector = new CollectorConnection(
                transport, URI.create(url + "/v1/traces"), origin.version(), settings.attempt());
        this.headers = settings.headersFile().map(HeadersFile::new);
        this.patience = settings.patience();
        this.backoff = new Backoff(random);
        this.thread = Thread.ofPlatform().name("trace-export").daemon().unstarted(this::run);
    }

    /** Once. */
    public void start() {
        thread.start();
    }

    @Override
    public Observer on(Direction direction) {
        LoopRing<EndedSpan> ring = queue.ring();
        return (record, reason, _, span) -> {
            if (!span.recorded()) {
                return;
            }
            if (ring.isFull()) {
                metrics.add(Result.DROPPED, 1);
            } else {
                ring.add(new EndedSpan(record, reason, span, direction));
            }
        };
    }

    private void run() {
        while (!over()) {
            try {
                List<EndedSpan> batch = queue.take(finishing);
                if (!batch.isEmpty()) {
                    send(batch);
                } else if (finishing) {
                    return;
                } else {
                    pause(LOOK);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) { // A thread that died in silence would be spans that never leave.
                Log.defect("trace export", e);
                pause(Backoff.longest());
            }
        }
    }

    private boolean over() {
        return finishing && System.nanoTime() - finishBy > 0;
    }

    private void send(List<EndedSpan> batch) throws InterruptedException {
        byte[] body = encoder.encode(batch);
        long giveUp = System.nanoTime() + patience.toNanos();
        while (true) {
            switch (attempt(body)) {
                case Answer.Taken(long rejected) -> {
                    long failed = Math.min(rejected, batch.size());
                    metrics.add(Result.SENT, batch.size() - failed);
                    metrics.add(Result.FAILED, failed);
                    recovered();
                    return;
                }
                case Answer.Refused(String why) -> {
                    metrics.add(Result.FAILED, batch.size());
                    problem(why);
                    return;
                }
                case Answer.Later later -> {
                    problem(later.why());
                    Duration own = backoff.next();
                    Duration wait = later.after()
                            .filter(asked -> asked.compareTo(own) > 0)
                            .orElse(own);
                    if (over() || System.nanoTime() + wait.toNanos() - giveUp > 0) {
                        metrics.add(Result.FAILED, batch.size());
                        return;
                    }
                    pause(wait);
                }
            }
        }
    }

    private Answer attempt(byte[] body) throws InterruptedException {
        try {
            List<Header> with = headers.isPresent() ? headers.get().current() : List.of();
            return collector.post(body, with);
        } catch (IOException e) {
            return new Answer.Later(String.valueOf(e.getMessage()), Optional.empty());
        }
    }

    private void recovered() {
        backoff.reset();
        if (!problem.isEmpty()) {
            problem = "";
            Log.info("spans are sent again");
        }
    }

    /** Once until it changes: an outage is one line in the log, and not one a batch. */
    private void problem(String why) {
        if (!problem.equals(why)) {
            problem = why;
            Log.warn("spans are not sent", "reason", why);
        }
    }

    private void pause(Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); left > 0 && !finishing; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        if (finishing) {
            LockSupport.parkNanos(this, Math.min(wait.toNanos(), LOOK.toNanos())); // Not in a circle.
        }
    }

    /** After the last request: sends what is left, for at most {@code limit}; what may not leave yet, or has no answer then, is dropped. Blocks. */
    public void finish(Duration limit) {
        finishBy = System.nanoTime() + limit.toNanos();
        finishing = true;
        LockSupport.unpark(thread);
        try {
            if (thread.isAlive()) {
                thread.join(limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
        collector.close();
    }
}
