package dev.sallyport.proxy;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.WordKey;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.carry.Journeys;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.inbound.Opa;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Sampling;
import dev.sallyport.proxy.telemetry.Telemetry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One sidecar's data path in this process: everything but the control plane is real. */
final class TestSidecar implements AutoCloseable {
    private static final WordKey WORDS = new WordKey(1, new byte[32]);

    final String service;
    final SvidPublisher publisher = new SvidPublisher();
    final Connections connections = new Connections();
    final ProxyMetrics metrics = new ProxyMetrics();
    final Journeys journeys = new Journeys();
    final Snapshots snapshots;
    final DataPath dataPath;
    final FakeAudit audit = new FakeAudit();
    final List<AuditRecord> records = audit.records;
    /** Whom rules with OPA ask; nobody answers as it is. */
    volatile Opa opa = (ask, facts, snapshot, now, done) -> {};

    /** {@code -Dsallyport.test.io=io_uring}: the same tests on the other one. */
    private static final Transport.Io IO = Transport.Io.valueOf(
            System.getProperty("sallyport.test.io", "epoll").toUpperCase(Locale.ROOT));

    private final TestMesh mesh;
    private final EventLoopGroup loops = Transport.open("data", 2, IO).loops();

    private TestSidecar(
            TestMesh mesh,
            String service,
            X509Svid svid,
            HostPort application,
            Limits limits,
            Function<TestSidecar, Telemetry> telemetry)
            throws Exception {
        this.mesh = mesh;
        this.service = service;
        snapshots = new Snapshots(mesh.clock);
        publisher.publishBundles(List.of(mesh.authority.trustBundle()));
        publisher.publish(svid);
        SortedMap<String, HostPort> upstreams = new TreeMap<>();
        List.of("web", "orders", "payment").forEach(name -> upstreams.put(name, anyPort()));
        DataPath.Settings settings = new DataPath.Settings(
                service, application, anyPort(), anyPort(), upstreams, limits, DataPath.SubjectMode.KEYED, () -> WORDS);
        dataPath = new DataPath(
                settings,
                loops,
                snapshots,
                publisher.source(),
                new MeshTls(publisher.source(), mesh.clock),
                audit::on,
                issuer -> {},
                client -> (ask, facts, snapshot, now, done) -> opa.ask(ask, facts, snapshot, now, done),
                connections,
                journeys,
                telemetry.apply(this),
                mesh.clock);
        dataPath.start();
        publisher.onChange(dataPath::rotated);
    }

    static TestSidecar start(TestMesh mesh, String service, HostPort application) throws Exception {
        return start(mesh, service, mesh.svid(TestMesh.pathOf(service)), application, Limits.standard());
    }

    static TestSidecar start(TestMesh mesh, String service, X509Svid svid, HostPort application, Limits limits)
            throws Exception {
        return start(mesh, service, svid, application, limits, sidecar -> Telemetry.of(sidecar.metrics));
    }

    /** {@code observers} are told of its requests. */
    static TestSidecar observed(TestMesh mesh, String service, HostPort application, List<Observer.Maker> observers)
            throws Exception {
        return start(
                mesh,
                service,
                mesh.svid(TestMesh.pathOf(service)),
                application,
                Limits.standard(),
                sidecar -> new Telemetry(sidecar.metrics, Sampling.OFF, observers));
    }

    /** {@code telemetry}: who else hears of its requests. */
    static TestSidecar start(
            TestMesh mesh,
            String service,
            X509Svid svid,
            HostPort application,
            Limits limits,
            Function<TestSidecar, Telemetry> telemetry)
            throws Exception {
        return new TestSidecar(mesh, service, svid, application, limits, telemetry);
    }

    static HostPort anyPort() {
        return new HostPort("127.0.0.1", 0);
    }

    void learn() throws Exception {
        learn(Duration.ofHours(1));
    }

    void learn(Duration validity) throws Exception {
        snapshots.swap(mesh.snapshot(service, validity));
    }

    void rotate() throws Exception {
        publisher.publish(mesh.svid(TestMesh.pathOf(service)));
    }

    String serial() {
        return publisher.source().svid().orElseThrow().serial();
    }

    /** Runs {@code task} on the event loop whose thread {@code loop} is. */
    void onLoop(Thread loop, Runnable task) {
        loops.forEach(executor -> executor.execute(() -> {
            if (Thread.currentThread().equals(loop)) {
                task.run();
            }
        }));
    }

    /** Of the event loops' threads. */
    List<Long> loopThreads() throws Exception {
        List<Long> ids = new ArrayList<>();
        for (EventExecutor loop : loops) {
            ids.add(loop.submit(() -> Thread.currentThread().threadId()).get());
        }
        return ids;
    }

    /** What the kernel knew before this call the loops have seen: each looks at its sockets before its tasks. */
    void settle() {
        for (int i = 0; i < 2; i++) {
            loops.forEach(executor -> executor.submit(() -> {}).syncUninterruptibly());
        }
    }

    HostPort inbound() {
        return hostPort(dataPath.inboundAddress());
    }

    HostPort outbound() {
        return hostPort(dataPath.outboundAddress());
    }

    HostPort upstream(String name) {
        return hostPort(
                java.util.Objects.requireNonNull(dataPath.upstreamAddresses().get(name)));
    }

    static HostPort hostPort(InetSocketAddress address) {
        return new HostPort("127.0.0.1", address.getPort());
    }

    @Override
    public void close() {
        dataPath.close();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
