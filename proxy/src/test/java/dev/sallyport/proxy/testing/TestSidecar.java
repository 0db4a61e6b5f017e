package dev.sallyport.proxy.testing;

import dev.sallyport.contract.JoinFile;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.proxy.Joined;
import dev.sallyport.proxy.MeshTls;
import dev.sallyport.proxy.ProxyConfig;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.snapshot.SnapshotStore;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.state.StateFolder;
import dev.sallyport.proxy.svid.Membership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The control side of a sidecar as the process wires it, without listeners. */
public final class TestSidecar implements AutoCloseable {
    public final SvidPublisher publisher = new SvidPublisher();
    public final Snapshots snapshots = new Snapshots(Clock.systemUTC());
    public final StateFolder state;
    public final SnapshotStore snapshotStore;
    public final Membership member;

    private final Transport transport = Transport.open("sidecar", 1);
    private final ControlThread control = new ControlThread();
    private final MeshTls tls;
    private boolean closed;

    public TestSidecar(Path folder, Optional<Path> joinFile, Duration joinWait) throws Exception {
        this(folder, joinFile, Optional.empty(), joinWait);
    }

    /** {@code serviceAccountToken}: what a join file without a token is used with. */
    public TestSidecar(Path folder, Optional<Path> joinFile, Optional<Path> serviceAccountToken, Duration joinWait)
            throws Exception {
        state = StateFolder.open(folder);
        snapshotStore = new SnapshotStore(state.root());
        tls = new MeshTls(publisher.source(), Clock.systemUTC());
        try {
            member = new Joined(
                    "orders",
                    new ProxyConfig.ControlPlane(
                            joinFile,
                            serviceAccountToken,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            joinWait),
                    state,
                    publisher,
                    snapshots,
                    tls,
                    transport,
                    control,
                    Clock.systemUTC(),
                    () -> new HostPort("127.0.0.1", 15006));
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
        return new TestSidecar(folder.resolve("state"), Optional.of(file), wait);
    }

    /** Goes on with what the folder remembers. */
    public static TestSidecar restarting(Path folder) throws Exception {
        return new TestSidecar(folder.resolve("state"), Optional.empty(), Duration.ofSeconds(3));
    }

    public TestSidecar start() {
        member.start();
        return this;
    }

    public boolean connected() {
        return member.connected().orElseThrow();
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
        if (member != null) {
            member.stop();
        }
        control.finish(Duration.ofSeconds(5));
        transport.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
        tls.close();
        state.close();
    }
}
