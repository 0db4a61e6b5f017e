package dev.sallyport.proxy;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.admin.AdminPages;
import dev.sallyport.proxy.admin.HealthPages;
import dev.sallyport.proxy.admin.LatePages;
import dev.sallyport.proxy.admin.MetricsPages;
import dev.sallyport.proxy.admin.Observed;
import dev.sallyport.proxy.admin.PageServer;
import dev.sallyport.proxy.controlplane.ControlPlaneClient;
import dev.sallyport.proxy.controlplane.ControlPlaneConnection;
import dev.sallyport.proxy.drain.Drain;
import dev.sallyport.proxy.drain.Stop;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.snapshot.Acks;
import dev.sallyport.proxy.snapshot.SnapshotClient;
import dev.sallyport.proxy.snapshot.SnapshotStore;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.state.StateFolder;
import dev.sallyport.proxy.svid.Join;
import dev.sallyport.proxy.svid.JoinException;
import dev.sallyport.proxy.svid.SvidClient;
import dev.sallyport.proxy.svid.SvidStore;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * The parts of a running sidecar, wired; nothing is decided here. Data loops carry traffic and nothing else; one more loop serves the control plane's connection and the pages; disk
 * and compilation are on the control thread. Used by the main thread.
 */
final class Sidecar implements AutoCloseable {
    private final ProxyConfig config;
    private final StateFolder state;
    private final Stop stop;
    private final Clock clock = Clock.systemUTC();
    private final RandomGenerator random = new SecureRandom();
    private final String version = System.getProperty("sallyport.version", "unknown");
    private final String instance;
    private final SvidPublisher publisher = new SvidPublisher();
    private final Snapshots snapshots = new Snapshots(clock);
    private final Connections connections = new Connections();
    private final ProxyMetrics metrics = new ProxyMetrics();
    private final LatePages admin = new LatePages();
    private final LatePages metricsPages = new LatePages();
    private final MeshTls tls;
    private final AuditLog audit;
    private final Transport data;
    private final Transport side;
    private final ControlThread control = new ControlThread();
    private final DataPath dataPath;
    private final Drain drain;

    Sidecar(ProxyConfig config, StateFolder state, Stop stop) throws IOException {
        this.config = config;
        this.state = state;
        this.stop = stop;
        instance = state.instance();
        tls = new MeshTls(publisher.source(), clock);
        data = Transport.open("data", config.loops());
        side = Transport.open("side", 1);
        audit = AuditLog.open(state.audit(), config.service() + "/" + instance, clock);
        DataPath.Settings settings = new DataPath.Settings(
                config.service(),
                config.application(),
                config.inbound().listen(),
                config.outbound().listen(),
                config.outbound().upstreams(),
                Limits.standard(),
                config.auditSubject(),
                HexFormat.of().parseHex(state.secret("audit-key")));
        dataPath = new DataPath(
                settings, data.loops(), snapshots, publisher.source(), tls, audit, connections, metrics, clock);
        drain = new Drain(config.drain().delay(), config.drain().deadline(), new Drain.Traffic() {
            @Override
            public void beginDrain(Duration deadline) {
                dataPath.beginDrain(deadline);
            }

            @Override
            public long active() {
                return dataPath.active();
            }
        });
    }

    /** Binds, joins, follows the control plane, and returns when everything that was under way at the stop has ended. */
    void serve() throws IOException, JoinException, InterruptedException {
        dataPath.start();
        PageServer adminServer = PageServer.bind(side, config.admin(), admin);
        PageServer metricsServer = PageServer.bind(side, config.metrics(), metricsPages);
        PageServer healthServer = PageServer.bind(side, config.health(), new HealthPages(readiness()));
        publisher.onChange(dataPath::rotated);

        SvidStore svidStore = new SvidStore(state.identity());
        SnapshotStore snapshotStore = new SnapshotStore(state.root());
        Join.Member member = join(svidStore, snapshotStore);

        ControlPlaneClient client = new ControlPlaneClient(
                () -> dial(member.mesh()), this::hello, control, ControlPlaneClient.SILENCE, random);
        Acks acks = new Acks(instance, publisher.source(), client::post, control, clock);
        SnapshotClient snapshotClient =
                new SnapshotClient(member.mesh(), snapshotStore, snapshots, publisher, acks, clock);
        SvidClient svidClient = new SvidClient(
                svidStore, publisher, instance, member.svid(), client::post, control, clock, random, client::redial);
        Observed observed = new Observed(
                config.service(),
                version,
                snapshots,
                snapshotClient,
                svidClient,
                client,
                connections,
                metrics,
                audit,
                clock);
        admin.become(new AdminPages(
                observed, config::describe, state.secret("admin-token"), () -> stop.request("administrator")));
        metricsPages.become(new MetricsPages(observed));

        CompletableFuture<Void> ready = new CompletableFuture<>();
        snapshots.onSwap(() -> {
            if (snapshots.current().isPresent()) {
                ready.complete(null);
            }
        });
        snapshotStore.load(member.mesh()).ifPresent(snapshotClient::restore);
        client.start(new Following(snapshotClient, svidClient));
        svidClient.start();

        stop.serving();
        CompletableFuture.anyOf(ready, stop.requested()).join();
        if (ready.isDone()) {
            sayReady(svidClient.current().svid(), adminServer, metricsServer, healthServer);
        }
        Log.info("stopping", "reason", stop.requested().join());
        drain.run();
        client.close();
    }

    private void sayReady(X509Svid svid, PageServer adminServer, PageServer metricsServer, PageServer healthServer) {
        ReadyLine line = new ReadyLine(
                config.service(),
                svid,
                ReadyLine.address(dataPath.inboundAddress()),
                ReadyLine.address(dataPath.outboundAddress()),
                ReadyLine.addresses(dataPath.upstreamAddresses()),
                adminServer.address(),
                metricsServer.address(),
                healthServer.address());
        System.out.println(line.toJson());
        System.out.flush();
    }

    private Map<String, BooleanSupplier> readiness() {
        Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
        checks.put("listeners", () -> true); // the page itself comes after them
        checks.put(
                "svid",
                () -> publisher
                        .source()
                        .svid()
                        .filter(svid -> svid.notAfter().isAfter(clock.instant()))
                        .isPresent());
        checks.put("snapshot", () -> snapshots.current().isPresent());
        checks.put("draining", () -> !drain.draining());
        return checks;
    }

    private Join.Member join(SvidStore svidStore, SnapshotStore snapshotStore)
            throws IOException, JoinException, InterruptedException {
        ProxyConfig.ControlPlane settings = config.controlPlane();
        Join join = new Join(state.root(), svidStore, instance, publisher, this::dialEnrolment, random);
        Join.Request request = new Join.Request(
                config.service(), settings.joinTokenFile(), new JoinOverrides(settings), settings.joinWait());
        return join.run(
                request,
                mesh -> snapshotStore
                        .load(mesh)
                        .map(stored -> stored.snapshot().trust().bundles()));
    }

    private CompletableFuture<ControlPlaneConnection> dial(JoinFile mesh) {
        return ControlPlaneConnection.dial(
                side,
                mesh.controlPlane(),
                tls.controlPlane(),
                SpiffeId.controlPlane(mesh.identity().trustDomain()));
    }

    private CompletableFuture<ControlPlaneConnection> dialEnrolment(HostPort address, JoinFile mesh) {
        try {
            SslContext tls = MeshTls.enrolment(mesh.trustBundle(), clock);
            // The engine of a handshake holds the native context; our own hold ends with the dial.
            return ControlPlaneConnection.dial(
                            side,
                            address,
                            tls,
                            SpiffeId.controlPlane(mesh.identity().trustDomain()))
                    .whenComplete((_, _) -> ReferenceCountUtil.release(tls));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Wire.Hello hello() {
        var held = snapshots.latest().map(compiled -> compiled.snapshot());
        return new Wire.Hello(
                instance,
                config.inbound().advertise().orElseGet(() -> ReadyLine.address(dataPath.inboundAddress())),
                held.map(snapshot -> snapshot.epoch()).orElse(-1L),
                held.map(snapshot -> snapshot.revision()).orElse(-1L),
                publisher.source().svid().map(X509Svid::serial).orElse(""),
                version);
    }

    /** Sends each message of the stream to the part that it is for. */
    private record Following(SnapshotClient snapshots, SvidClient svid) implements ControlPlaneClient.Listener {
        @Override
        public void connected() {
            snapshots.connected();
            svid.connected();
        }

        @Override
        public void received(Wire.Down message) {
            switch (message) {
                case Wire.Down.Snapshot snapshot -> snapshots.received(snapshot);
                case Wire.Down.Rotate rotate -> svid.rotate(rotate.reason());
                case Wire.Down.Heartbeat _ -> {}
            }
        }
    }

    /** The audit log is the last to go: what the closing of connections puts on record is still on it. */
    @Override
    public void close() throws IOException {
        control.finish(Duration.ofSeconds(5));
        dataPath.close();
        data.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
        side.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
        tls.close();
        audit.close();
    }
}
