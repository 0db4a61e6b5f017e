package dev.sallyport.proxy;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.WordKeys;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.admin.AdminPages;
import dev.sallyport.proxy.admin.HealthPages;
import dev.sallyport.proxy.admin.LatePages;
import dev.sallyport.proxy.admin.MetricsPages;
import dev.sallyport.proxy.admin.Observed;
import dev.sallyport.proxy.admin.PageServer;
import dev.sallyport.proxy.admin.PageThread;
import dev.sallyport.proxy.carry.Journeys;
import dev.sallyport.proxy.drain.Drain;
import dev.sallyport.proxy.drain.Stop;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.net.Scheduling;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.ship.Shipper;
import dev.sallyport.proxy.snapshot.SnapshotStore;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.standalone.Standalone;
import dev.sallyport.proxy.state.Epochs;
import dev.sallyport.proxy.state.StateFolder;
import dev.sallyport.proxy.svid.JoinException;
import dev.sallyport.proxy.svid.Membership;
import dev.sallyport.proxy.svid.RevocationNotice;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.token.SeldomWanted;
import dev.sallyport.proxy.trace.Origin;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The parts of a running sidecar, wired; nothing is decided here. Data loops carry traffic and nothing else; one more loop serves the control plane's connection and the pages; disk
 * and compilation are on the control thread. Used by the main thread.
 */
final class Sidecar implements AutoCloseable {
    /** Of this program, as its launcher says. */
    static final String VERSION = System.getProperty("sallyport.version", "unknown");

    private static final String ADMIN_ADDRESS = "admin-address";
    /** As threads of data loops are called. */
    private static final String DATA = "data";

    /** Behind the event loops, and not so far that hot code stays interpreted while these are busy. */
    private static final int COMPILERS_NICE = 10;

    private static final Duration HEARTBEAT = Duration.ofSeconds(30);
    /** How soon a rotation on disk counts. */
    private static final long KEY_CHECK_SECONDS = 10;

    private final ProxyConfig config;
    private final StateFolder state;
    private final Stop stop;
    private final Clock clock = Clock.systemUTC();
    private final SvidPublisher publisher = new SvidPublisher();
    private final Snapshots snapshots = new Snapshots(clock);
    private final Connections connections = new Connections();
    private final Journeys journeys = new Journeys();
    private final LatePages admin = new LatePages();
    private final LatePages metricsPages = new LatePages();
    private final MeshTls tls;
    private final AuditLog audit;
    private final Transport data;
    private final Transport side;
    private final ControlThread control = new ControlThread();
    private final SeldomWanted keyWanted = new SeldomWanted(System::nanoTime);
    private final Observers observers;
    private final DataPath dataPath;
    private final Drain drain;
    private final PageThread pages = new PageThread();
    private final Epochs epochs;
    // Written by serve, on the main thread, which also closes.
    private Optional<Shipper> shipper = Optional.empty();
    private Optional<Membership> membership = Optional.empty();

    Sidecar(ProxyConfig config, StateFolder state, Stop stop) throws IOException {
        this.config = config;
        this.state = state;
        this.stop = stop;
        tls = new MeshTls(publisher.source(), clock);
        data = Transport.open(DATA, config.loops(), config.io());
        side = Transport.open("side", 1);
        observers = new Observers(config.telemetry(), origin(), journeys::holds, side);
        audit = AuditLog.open(
                state.audit(),
                AuditLog.Settings.of(config.service() + "/" + state.instance())
                        .withBytesMax(config.audit().bytesMax())
                        .withHeartbeat(HEARTBEAT, new Heartbeat(observers.metrics(), snapshots, publisher.source())),
                clock);
        epochs = new Epochs(new WordKeys(state.root(), clock));
        DataPath.Settings settings = new DataPath.Settings(
                config.service(),
                config.application(),
                config.inbound().listen(),
                config.outbound().listen(),
                config.outbound().upstreams(),
                config.limits(),
                config.audit().subject(),
                epochs);
        dataPath = new DataPath(
                settings,
                data.loops(),
                snapshots,
                publisher.source(),
                tls,
                audit,
                keyWanted,
                connections,
                journeys,
                observers.telemetry(),
                clock);
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

    private Origin origin() throws IOException {
        return new Origin(
                config.service(),
                state.instance(),
                VERSION,
                () -> publisher.source().svid().map(X509Svid::id));
    }

    /** Binds, joins, follows what changes, and returns when everything that was under way at the stop has ended. */
    void serve() throws IOException, JoinException, InterruptedException {
        dataPath.start();
        state.untell(
                ADMIN_ADDRESS); // Of a sidecar that was killed: whoever has that port now must not be shown the new
        // token.
        String adminToken =
                state.newSecret("admin-token"); // Before the port is ours: whoever had it was shown another.
        PageServer adminServer = PageServer.bind(side, config.admin(), admin, pages);
        PageServer metricsServer = PageServer.bind(side, config.metrics(), metricsPages, pages);
        state.tell(ADMIN_ADDRESS, adminServer.address().toString());
        PageServer healthServer = PageServer.bind(side, config.health(), new HealthPages(readiness()));
        publisher.onChange(dataPath::rotated);
        publisher.onChange(new RevocationNotice(
                publisher.source(),
                svid -> Log.error(
                        "our own certificate is revoked, other sidecars end their connections with us",
                        "id",
                        svid.id(),
                        "serial",
                        svid.serial())));

        CompletableFuture<Void> ready = new CompletableFuture<>();
        snapshots.onSwap(() -> {
            if (snapshots.current().isPresent()) {
                ready.complete(null);
            }
        });
        Membership member = join();
        membership = Optional.of(member);
        shipper = member.collector()
                .map(collector -> new Shipper(audit, publisher.source(), collector, clock, new SecureRandom()));
        keyWanted.tell(member::keyWanted);
        Observed observed = new Observed(
                config.service(),
                VERSION,
                snapshots,
                member,
                connections,
                observers.metrics(),
                audit,
                shipper.map(Shipper::shipped),
                clock);
        admin.become(new AdminPages(
                observed, config::describe, adminToken, observers.taps(), () -> stop.request("administrator")));
        metricsPages.become(new MetricsPages(observed, config.telemetry().istioNames()));
        member.start();
        shipper.ifPresent(Shipper::start);
        observers.joined();
        control.scheduleWithFixedDelay(epochs::follow, KEY_CHECK_SECONDS, KEY_CHECK_SECONDS, TimeUnit.SECONDS);

        stop.serving();
        CompletableFuture.anyOf(ready, stop.requested()).join();
        if (ready.isDone()) {
            sayReady(member.svid(), adminServer, metricsServer, healthServer);
        }
        observers.ready();
        control.execute(Sidecar::schedule);
        Log.info("stopping", "reason", stop.requested().join());
        observers.taps().end();
        drain.run();
    }

    /** Once the first requests may come, and not before: until then the compilers are what everybody waits for, and the call costs tens of milliseconds once. */
    private static void schedule() {
        try {
            Scheduling scheduling = new Scheduling();
            int shortened = scheduling.shorten(DATA + "-");
            int yielding = scheduling.giveWay("C1 ", COMPILERS_NICE) + scheduling.giveWay("C2 ", COMPILERS_NICE);
            Log.debug(
                    "threads scheduled", "event loops with a short slice", shortened, "compilers that yield", yielding);
        } catch (IOException e) {
            Log.debug("threads are scheduled as usual", "cause", e);
        }
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

    private Membership join() throws IOException, JoinException, InterruptedException {
        return switch (config.mode()) {
            case ProxyConfig.ControlPlane settings ->
                new Joined(
                        config.service(),
                        settings,
                        state,
                        publisher,
                        snapshots,
                        tls,
                        side,
                        control,
                        clock,
                        () -> config.inbound()
                                .advertise()
                                .orElseGet(() -> ReadyLine.address(dataPath.inboundAddress())));
            case ProxyConfig.Standalone settings ->
                Standalone.join(
                        config.service(),
                        settings.files(),
                        new SnapshotStore(state.root()),
                        snapshots,
                        publisher,
                        control,
                        clock);
        };
    }

    /** The audit log goes after the data path: what the closing of connections puts on record is still on it; and its last records, with its end, go to the collector before the connection does. */
    @Override
    public void close() throws IOException {
        untellAdmin();
        control.finish(Duration.ofSeconds(5)); // The connection that it opened stays.
        dataPath.close();
        data.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
        observers.close();
        pages.shutdown();
        try {
            audit.close();
        } finally {
            shipper.ifPresent(shipping -> shipping.finish(config.audit().shipTimeout()));
            closeSide();
        }
    }

    /** While the port is still ours: afterwards it may be anybody's. */
    private void untellAdmin() {
        try {
            state.untell(ADMIN_ADDRESS);
        } catch (IOException e) {
            Log.warn(ADMIN_ADDRESS + " stays though nobody is there", "cause", e);
        }
    }

    private void closeSide() {
        membership.ifPresent(Membership::stop);
        side.loops().shutdownGracefully(20, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly(2000);
        tls.close();
    }
}
