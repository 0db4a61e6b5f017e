package dev.sallyport.benchmarks.load;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * One plan under way. In an open loop request k is to be sent at start + k × interval, on connection k modulo their number, whatever became of those before: a connection that is still waiting sends late, and the wait counts.
 * So a server that stalls is seen in every request that it kept waiting, not in the one that it answered late (no coordinated omission). Everything but the constructor runs on the event loop.
 */
final class LoadRun {
    /** After the last intended request; what is not answered then never will be. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 3;

    private final EventLoop loop;
    private final Plan plan;
    private final LoadConnection[] connections;
    private final Histogram latencies = new Histogram(HIGHEST_NANOS, DIGITS);
    private final SortedMap<String, Long> errors = new TreeMap<>();
    private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
    private final long interval;
    private final long start;
    private final long measureFrom;
    private final long end;
    private long lastAnswer;
    private long scheduled;
    private int asked;
    private int running;
    private Future<?> pacer = CompletableFuture.completedFuture(null);

    /** Connects; blocks until all connections stand. */
    LoadRun(EventLoop loop, Plan plan) {
        this.loop = loop;
        this.plan = plan;
        interval = plan.intervalNanos();
        connections = new LoadConnection[plan.connections()];
        running = connections.length;
        for (int i = 0; i < connections.length; i++) {
            connections[i] = new LoadConnection(this);
            connect(connections[i]);
        }
        start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20); // the first of the schedule is not late already
        measureFrom = start + plan.warmUp().toNanos();
        end = measureFrom + plan.measured().toNanos();
        lastAnswer = measureFrom;
    }

    private void connect(LoadConnection connection) {
        loop.client()
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(connection);
                    }
                })
                .connect(plan.target())
                .syncUninterruptibly();
    }

    long measureFrom() {
        return measureFrom;
    }

    long end() {
        return end;
    }

    CompletableFuture<LoadResult> go() {
        loop.loop().execute(() -> {
            for (int i = 0; i < connections.length; i++) {
                connections[i].first(start + i * interval);
            }
            long now = System.nanoTime();
            if (plan.rate().isPresent()) {
                pacer = loop.loop().scheduleAtFixedRate(this::pace, start - now, interval, TimeUnit.NANOSECONDS);
            } else {
                loop.loop().schedule(this::startAll, start - now, TimeUnit.NANOSECONDS);
            }
            loop.loop().schedule(this::giveUp, end + GRACE.toNanos() - now, TimeUnit.NANOSECONDS);
        });
        return result;
    }

    private void startAll() {
        long now = System.nanoTime();
        for (LoadConnection connection : connections) {
            connection.due(now);
        }
    }

    /** Catches up with the schedule after a pause. */
    private void pace() {
        long now = System.nanoTime();
        while (start + scheduled * interval <= now) {
            connections[(int) (scheduled++ % connections.length)].due(now);
        }
    }

    /** Of whichever connection asks. */
    byte[] nextRequest() {
        byte[] request = plan.requests().get(asked);
        asked = asked + 1 == plan.requests().size() ? 0 : asked + 1;
        return request;
    }

    /** When the connection's next request is to be sent, after one that was intended for {@code last} and came to its end at {@code now}. */
    long next(long last, long now) {
        return plan.rate().isPresent() ? last + connections.length * interval : now;
    }

    boolean over(long intended) {
        return intended >= end;
    }

    void answered(long intended, long now, int status, long length) {
        if (status != 200) {
            failed(String.valueOf(status));
        } else if (length != plan.responseBytes()) {
            failed("length");
        } else if (intended >= measureFrom) {
            latencies.recordValue(Math.min(now - intended, HIGHEST_NANOS));
            lastAnswer = now;
        }
    }

    void failed(String kind) {
        errors.merge(kind, 1L, Long::sum);
    }

    /** One connection has sent all that it was to send. */
    void finished() {
        if (--running == 0) {
            finish();
        }
    }

    private void giveUp() {
        if (!result.isDone()) {
            errors.merge("unanswered", (long) running, Long::sum);
            finish();
        }
    }

    private void finish() {
        pacer.cancel(false);
        double seconds = (Math.max(lastAnswer, end) - measureFrom) / 1e9;
        result.complete(new LoadResult(latencies, errors, latencies.getTotalCount() / seconds));
    }

    /** Its connections stand until then, also those that have nothing more to send. Any thread. */
    void close() {
        loop.execute(() -> {
            for (LoadConnection connection : connections) {
                connection.close();
            }
        });
    }
}
