package dev.sallyport.proxy.testing;

import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.MeshTls;
import dev.sallyport.proxy.controlplane.ControlPlaneClient;
import dev.sallyport.proxy.controlplane.ControlPlaneConnection;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.snapshot.Acks;
import dev.sallyport.proxy.snapshot.SnapshotClient;
import dev.sallyport.proxy.snapshot.SnapshotStore;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.state.StateFolder;
import dev.sallyport.proxy.svid.Join;
import dev.sallyport.proxy.svid.SvidClient;
import dev.sallyport.proxy.svid.SvidStore;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The control side of a sidecar as the process wires it, without listeners. */
public final class TestSidecar implements AutoCloseable {
    public final SvidPublisher publisher = new SvidPublisher();
    public final Snapshots snapshots = new Snapshots(Clock.systemUTC());
    public final StateFolder state;
    public final SvidStore svidStore;
    public final SnapshotStore snapshotStore;
    public final Join.Member member;
    public final ControlPlaneClient client;
    public final SvidClient svid;
    public final SnapshotClient snapshotClient;

    private final Transport transport = Transport.open("sidecar", 1);
    private final ControlThread control = new ControlThread();
    private final MeshTls tls;
    private boolean closed;

    public TestSidecar(Path folder, Optional<Path> joinFile, Duration joinWait, Duration silence) throws Exception {
        state = StateFolder.open(folder);
        svidStore = new SvidStore(state.identity());
        snapshotStore = new SnapshotStore(state.root());
        tls = new MeshTls(publisher.source(), Clock.systemUTC());
        try {
            Random random = new Random(1);
            member = new Join(state.root(), svidStore, state.instance(), publisher, this::dialEnrolment, random)
                    .run(
                            new Join.Request("orders", joinFile, join -> join, joinWait),
                            mesh -> snapshotStore
                                    .load(mesh)
                                    .map(stored -> stored.snapshot().trust().bundles()));
            client = new ControlPlaneClient(
                    () -> ControlPlaneConnection.dial(
                            transport,
                            member.mesh().controlPlane(),
                            tls.controlPlane(),
                            SpiffeId.controlPlane(member.mesh().identity().trustDomain())),
                    this::hello,
                    control,
                    silence,
                    random);
            Acks acks = new Acks(state.instance(), publisher.source(), client::post, control, Clock.systemUTC());
            snapshotClient =
                    new SnapshotClient(member.mesh(), snapshotStore, snapshots, publisher, acks, Clock.systemUTC());
            svid = new SvidClient(
                    svidStore,
                    publisher,
                    state.instance(),
                    member.svid(),
                    client::post,
                    control,
                    Clock.systemUTC(),
                    random,
                    client::redial);
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /** Joins with a file of its own making. */
    public static TestSidecar joining(Path folder, JoinFile join) throws Exception {
        return joining(folder, join, Duration.ofSeconds(20));
    }

    /** For those that will not be let in. */
    public static TestSidecar joining(Path folder, JoinFile join, Duration wait) throws Exception {
        Path file = Files.write(folder.resolve("orders.join"), join.toBytes());
        return new TestSidecar(folder.resolve("state"), Optional.of(file), wait, ControlPlaneClient.SILENCE);
    }

    /** Goes on with what the folder remembers. */
    public static TestSidecar restarting(Path folder) throws Exception {
        return new TestSidecar(
                folder.resolve("state"), Optional.empty(), Duration.ofSeconds(3), ControlPlaneClient.SILENCE);
    }

    /** As {@code Sidecar.serve} does after joining. */
    public TestSidecar start() throws IOException {
        snapshotStore.load(member.mesh()).ifPresent(snapshotClient::restore);
        client.start(new ControlPlaneClient.Listener() {
            @Override
            public void connected() {
                snapshotClient.connected();
                svid.connected();
            }

            @Override
            public void received(Wire.Down message) {
                switch (message) {
                    case Wire.Down.Snapshot snapshot -> snapshotClient.received(snapshot);
                    case Wire.Down.Rotate rotate -> svid.rotate(rotate.reason());
                    case Wire.Down.Heartbeat _ -> {}
                }
            }
        });
        svid.start();
        return this;
    }

    private CompletableFuture<ControlPlaneConnection> dialEnrolment(HostPort address, JoinFile mesh) {
        try {
            SslContext enrolment = MeshTls.enrolment(mesh.trustBundle(), Clock.systemUTC());
            return ControlPlaneConnection.dial(
                            transport,
                            address,
                            enrolment,
                            SpiffeId.controlPlane(mesh.identity().trustDomain()))
                    .whenComplete((_, _) -> ReferenceCountUtil.release(enrolment));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Wire.Hello hello() {
        try {
            return new Wire.Hello(
                    state.instance(),
                    new HostPort("127.0.0.1", 15006),
                    snapshots.latest().map(held -> held.snapshot().epoch()).orElse(-1L),
                    snapshots.latest().map(held -> held.snapshot().revision()).orElse(-1L),
                    publisher.source().svid().map(X509Svid::serial).orElse(""),
                    "test");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public long revision() {
        return snapshots.latest().map(held -> held.snapshot().revision()).orElse(-1L);
    }

    @Override
    @SuppressWarnings("ConstantValue") // a constructor that failed half-way closes too
    public void close() throws IOException {
        if (closed) {
            return; // by the test itself, before a restart
        }
        closed = true;
        if (client != null) {
            client.close();
        }
        control.finish(Duration.ofSeconds(5));
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
        tls.close();
        state.close();
    }
}
