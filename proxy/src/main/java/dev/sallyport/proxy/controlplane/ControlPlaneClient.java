package dev.sallyport.proxy.controlplane;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Keeps one stream to the control plane open: dials, says hello, hands messages on, and dials again after a loss. Everything but {@link #post} runs on the control thread, where
 * the listener is called too.
 */
public final class ControlPlaneClient implements AutoCloseable {
    /** Three missed heartbeats. */
    public static final Duration SILENCE = Duration.ofSeconds(15);

    /** What the stream brings; on the control thread. */
    public interface Listener {
        /** A stream is open: the first one, or the one after a loss or a new certificate. */
        void connected();

        void received(Wire.Down message);
    }

    private final Supplier<CompletableFuture<ControlPlaneConnection>> dialler;
    private final Supplier<Wire.Hello> hello;
    private final ControlThread control;
    private final Duration silence;
    private final Backoff backoff;
    private Listener listener = new Listener() {
        @Override
        public void connected() {}

        @Override
        public void received(Wire.Down message) {}
    };
    // Written by the control thread. The attempt that counts; what an older one still does is ignored and closed.
    private long attempt;
    private volatile Optional<ControlPlaneConnection> current = Optional.empty();
    private volatile boolean closed;

    /** {@code dialler} is asked for each connection on the control thread; {@code silence} is {@link #SILENCE} outside tests. */
    public ControlPlaneClient(
            Supplier<CompletableFuture<ControlPlaneConnection>> dialler,
            Supplier<Wire.Hello> hello,
            ControlThread control,
            Duration silence,
            RandomGenerator random) {
        this.dialler = dialler;
        this.hello = hello;
        this.control = control;
        this.silence = silence;
        this.backoff = new Backoff(random);
    }

    /** Starts to dial, and never gives up until {@link #close}. Once. */
    public void start(Listener told) {
        control.execute(() -> {
            listener = told;
            dial();
        });
    }

    /** Whether a stream is open now. Any thread. */
    public boolean connected() {
        return current.isPresent();
    }

    /** Opens another connection, with the newest certificate, and leaves the old one once the new stream is open. */
    public void redial() {
        control.execute(this::dial);
    }

    /** A short request on the current connection; fails at once without one. Any thread. */
    public CompletableFuture<Reply> post(String path, byte[] json) {
        return current.map(connection -> connection.post(path, json))
                .orElseGet(() ->
                        CompletableFuture.failedFuture(new ControlPlaneException("control plane: not connected")));
    }

    private void dial() {
        if (closed) {
            return;
        }
        long mine = ++attempt;
        control.after(
                dialler.get(),
                connection -> {
                    if (mine != attempt || closed) {
                        connection.close();
                    } else {
                        open(connection, mine);
                    }
                },
                problem -> again(mine, problem));
    }

    private void open(ControlPlaneConnection connection, long mine) {
        DownStream stream = new DownStream(control, silence, new DownStream.Reader() {
            @Override
            public void opened() {
                if (mine != attempt || closed) {
                    connection.close();
                    return;
                }
                current.ifPresent(ControlPlaneConnection::closeSoon);
                current = Optional.of(connection);
                Log.info("connected to the control plane");
                listener.connected();
            }

            @Override
            public void received(Wire.Down message) {
                // While a replacement is being dialled the old stream still counts: what it takes away must not wait.
                if (mine == attempt || isCurrent(connection)) {
                    backoff.reset();
                    listener.received(message);
                }
            }

            @Override
            public void ended(String reason) {
                if (isCurrent(connection)) {
                    current = Optional.empty();
                }
                again(mine, reason);
            }
        });
        control.after(connection.stream(MeshNames.STREAM_PATH, Wire.encode(hello.get()), stream), _ -> {}, problem -> {
            connection.close();
            again(mine, problem);
        });
    }

    private boolean isCurrent(ControlPlaneConnection connection) {
        return current.isPresent() && current.get() == connection;
    }

    /** Schedules the next attempt, once per attempt. */
    private void again(long mine, String reason) {
        if (mine != attempt || closed) {
            return;
        }
        attempt++; // whatever else this attempt reports is late
        Duration wait = backoff.next();
        Log.warn("control plane lost", "reason", reason, "retryMillis", wait.toMillis());
        long next = attempt;
        control.schedule(
                () -> {
                    if (next == attempt) {
                        dial();
                    }
                },
                wait.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closed = true;
        current.ifPresent(ControlPlaneConnection::close);
        current = Optional.empty();
    }
}
