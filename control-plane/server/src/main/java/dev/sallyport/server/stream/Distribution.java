package dev.sallyport.server.stream;

import com.linecorp.armeria.common.HttpResponseWriter;
import dev.sallyport.contract.Frames;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Revocations;
import dev.sallyport.server.issuance.Peer;
import dev.sallyport.server.mesh.Leases;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.mesh.MeshState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream down to each sidecar: the current snapshot at once, then the newest whenever the state changes, a heartbeat in between. Opening and acks come from handlers'
 * threads; pushing, heartbeats and leases run on the timer's thread.
 */
public final class Distribution {
    private static final Logger log = LoggerFactory.getLogger(Distribution.class);
    /** More open streams than this are refused: each costs a connection and a frame. */
    private static final int STREAMS_MAX = 10_000;
    /** Changes within this time travel together: five sidecars that join at once cause one push, not five. */
    private static final Duration COALESCE = Duration.ofMillis(15);
    /** A third of the silence after which a sidecar gives its stream up. */
    private static final Duration HEARTBEAT_EVERY = Duration.ofSeconds(5);

    private final LiveMesh mesh;
    private final Snapshots snapshots;
    private final Leases leases;
    private final Sidecars sidecars;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private final Timer pushTime;
    private final Timer ackTime;
    private final Map<Leases.Holder, SidecarStream> streams = new ConcurrentHashMap<>();
    private final List<Consumer<Leases.Holder>> opened = new CopyOnWriteArrayList<>();
    private final AtomicBoolean pushPlanned = new AtomicBoolean();

    public Distribution(
            LiveMesh mesh,
            Snapshots snapshots,
            Leases leases,
            Sidecars sidecars,
            ScheduledExecutorService timer,
            Clock clock,
            MeterRegistry metrics) {
        this.mesh = mesh;
        this.snapshots = snapshots;
        this.leases = leases;
        this.sidecars = sidecars;
        this.timer = timer;
        this.clock = clock;
        this.pushTime = Timer.builder("sallyport_snapshot_push")
                .description("From a change of the mesh's state until a sidecar's connection has taken the snapshot")
                .register(metrics);
        this.ackTime = Timer.builder("sallyport_snapshot_ack")
                .description("From a snapshot's way to a sidecar until the sidecar says that it rules, or refuses it")
                .register(metrics);
    }

    /** Follows the mesh and starts the periodic work. */
    public void start() {
        mesh.onChange(_ -> planPush());
        every(HEARTBEAT_EVERY, this::beat);
        every(Leases.EXTEND_EVERY, this::sweep);
        every(Snapshots.REISSUED_AFTER, mesh::reissue);
    }

    private void every(Duration period, Runnable work) {
        timer.scheduleWithFixedDelay(() -> safely(work), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A periodic task that throws is never run again. */
    private static void safely(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.error("distribution: periodic work failed; it is tried again", e);
        }
    }

    /** Opens the stream of a declared service's sidecar. False: too many are open. Blocks on the store. */
    public boolean open(Peer peer, String service, Wire.Hello hello, HttpResponseWriter writer) {
        if (streams.size() >= STREAMS_MAX) {
            return false;
        }
        Leases.Holder holder = new Leases.Holder(service, hello.instance());
        // The lease first: then the first snapshot is the only one that this opening causes here.
        leases.hold(holder, hello.advertise());
        mesh.leased(leases.byService());
        SidecarStream stream = new SidecarStream(holder, peer, writer);
        AtomicReference<Optional<SidecarStream>> earlier = new AtomicReference<>(Optional.empty());
        streams.compute(holder, (_, old) -> {
            earlier.set(Optional.ofNullable(old));
            // In one step with the map: else the end of the old stream could be noted after the beginning of the new
            // one.
            sidecars.connected(holder, peer.id(), peer.serial(), hello.advertise(), clock.instant());
            return stream;
        });
        // Outside of compute: an ending stream removes itself from the same map.
        earlier.get().ifPresent(old -> old.end("replaced by a newer stream of the same instance"));
        writer.whenComplete().handle((_, _) -> closed(stream));
        send(stream, mesh.state(), System.nanoTime());
        log.info(
                "sidecar {} {} connected, certificate {}, version {}",
                service,
                hello.instance(),
                peer.serial(),
                hello.version());
        opened.forEach(listener -> listener.accept(holder));
        return true;
    }

    private boolean closed(SidecarStream stream) {
        AtomicBoolean last = new AtomicBoolean();
        streams.computeIfPresent(stream.holder(), (holder, open) -> {
            if (open != stream) {
                return open;
            }
            sidecars.disconnected(holder, clock.instant());
            last.set(true);
            return null;
        });
        if (last.get()) {
            log.info(
                    "sidecar {} {} disconnected",
                    stream.holder().service(),
                    stream.holder().instance());
        }
        return last.get();
    }

    /** Notes what a sidecar says of its snapshot. False when it has no stream or lease. */
    public boolean acked(String service, Wire.Ack ack) {
        ack.refused()
                .ifPresent(why -> log.warn(
                        "sidecar {} {} refused epoch {} revision {}: {}",
                        service,
                        ack.instance(),
                        ack.epoch(),
                        ack.revision(),
                        why));
        Leases.Holder holder = new Leases.Holder(service, ack.instance());
        Optional.ofNullable(streams.get(holder))
                .map(stream -> stream.acked(System.nanoTime()))
                .ifPresent(took -> took.ifPresent(nanos -> ackTime.record(nanos, TimeUnit.NANOSECONDS)));
        return sidecars.acked(holder, ack, clock.instant());
    }

    /** Tells connected sidecars of {@code services} (all when empty) to get a new certificate now; how many were told. */
    public int rotate(Optional<Set<String>> services, String reason) {
        byte[] frame = Frames.frame(Wire.encode(new Wire.Down.Rotate(reason)));
        int told = 0;
        for (SidecarStream stream : streams.values()) {
            if (services.isEmpty() || services.get().contains(stream.holder().service())) {
                stream.rotate(frame);
                told++;
            }
        }
        return told;
    }

    /** Tells one sidecar to get a new certificate now, if it is connected. */
    public void rotate(Leases.Holder holder, String reason) {
        Optional.ofNullable(streams.get(holder))
                .ifPresent(stream -> stream.rotate(Frames.frame(Wire.encode(new Wire.Down.Rotate(reason)))));
    }

    /** Tells one sidecar to try a canary of {@code authority} as soon as it has been sent the state of now, if it is connected. */
    public void tryCanary(Leases.Holder holder, String authority) {
        Optional.ofNullable(streams.get(holder))
                .ifPresent(stream -> stream.tryCanary(
                        Frames.frame(Wire.encode(new Wire.Down.Try(authority))),
                        mesh.state().issuedAt()));
    }

    /** Called with each sidecar whose stream was opened; must not block. */
    public void onOpen(Consumer<Leases.Holder> listener) {
        opened.add(listener);
    }

    /** Ends the streams that these certificates opened. */
    public void end(Set<String> serials, String reason) {
        for (SidecarStream stream : streams.values()) {
            if (serials.contains(stream.peer().serial())) {
                stream.end("certificate " + stream.peer().serial() + ": " + reason);
            }
        }
    }

    /** Ends the streams of revoked certificates and identities. */
    public void revoked(Revocations revoked) {
        for (SidecarStream stream : streams.values()) {
            if (revoked.serials().contains(stream.peer().serial())) {
                stream.end("certificate " + stream.peer().serial() + " is revoked");
            } else if (revoked.identities().contains(stream.peer().id())) {
                stream.end(stream.peer().id() + " is revoked");
            }
        }
    }

    /** Ends every stream, before the listeners close. */
    public void stop() {
        streams.values().forEach(stream -> stream.end("the control plane stops"));
    }

    private void planPush() {
        if (pushPlanned.compareAndSet(false, true)) {
            long changedAt = System.nanoTime();
            timer.schedule(() -> safely(() -> push(changedAt)), COALESCE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void push(long changedAt) {
        pushPlanned.set(false);
        MeshState state = mesh.state();
        streams.values().forEach(stream -> send(stream, state, changedAt));
    }

    private void send(SidecarStream stream, MeshState state, long changedAt) {
        boolean stillDeclared = state.serviceOf(stream.peer().id())
                .filter(service -> service.name().equals(stream.holder().service()))
                .isPresent();
        Optional<byte[]> frame =
                stillDeclared ? snapshots.frame(state, stream.holder().service()) : Optional.empty();
        if (frame.isPresent()) {
            stream.snapshot(
                    frame.get(),
                    state.issuedAt(),
                    () -> pushTime.record(System.nanoTime() - changedAt, TimeUnit.NANOSECONDS));
        } else {
            stream.end("revision " + state.revision() + " does not declare "
                    + stream.peer().id());
        }
    }

    private void beat() {
        Instant now = clock.instant();
        byte[] frame = Frames.frame(Wire.encode(new Wire.Down.Heartbeat(now)));
        for (SidecarStream stream : streams.values()) {
            // A connection lives no longer than the certificate that opened it.
            if (now.isAfter(stream.peer().notAfter())) {
                stream.end("certificate " + stream.peer().serial() + " ended");
            } else {
                stream.heartbeat(frame);
            }
        }
    }

    private void sweep() {
        leases.sweep(Set.copyOf(streams.keySet()));
        sidecars.retain(leases.held().keySet());
        mesh.leased(leases.byService());
    }
}
