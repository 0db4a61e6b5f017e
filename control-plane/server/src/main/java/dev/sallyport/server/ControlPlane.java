package dev.sallyport.server;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.RevokingAuthority;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.server.budget.OutageWatch;
import dev.sallyport.server.ca.CaMetrics;
import dev.sallyport.server.ca.Generation;
import dev.sallyport.server.ca.Rotations;
import dev.sallyport.server.ca.SigningPause;
import dev.sallyport.server.drill.Drills;
import dev.sallyport.server.http.Api;
import dev.sallyport.server.http.CaApi;
import dev.sallyport.server.http.CertificateRoutes;
import dev.sallyport.server.http.DrillPages;
import dev.sallyport.server.http.EventLoops;
import dev.sallyport.server.http.Listener;
import dev.sallyport.server.http.Monitoring;
import dev.sallyport.server.http.Operations;
import dev.sallyport.server.http.RevocationRoutes;
import dev.sallyport.server.http.SidecarService;
import dev.sallyport.server.http.StatusPage;
import dev.sallyport.server.issuance.AuthorityEvents;
import dev.sallyport.server.issuance.IssuanceParts;
import dev.sallyport.server.issuance.JoinTokens;
import dev.sallyport.server.issuance.OwnSvid;
import dev.sallyport.server.issuance.RevocationStore;
import dev.sallyport.server.stream.Distribution;
import dev.sallyport.server.stream.Sidecars;
import dev.sallyport.server.stream.Snapshots;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control plane's process: wiring, and its life from the ready line to a clean stop. */
public final class ControlPlane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlPlane.class);
    private static final int EVENT_LOOPS = 2;
    /** An identity provider that answers at all answers within this; a snapshot without its keys would refuse every token. */
    private static final Duration FIRST_KEYS_WITHIN = Duration.ofSeconds(2);

    private final Clock clock;
    private final Foundation foundation;
    private final LiveParts live;
    private final ScheduledExecutorService timer;
    private final EventLoopGroup loops;
    private final IssuanceParts issuance;
    private final AuditParts audit;
    private final Sidecars sidecars;
    private final Distribution distribution;
    private final SigningPause pause = new SigningPause(System::nanoTime);
    private final OutageWatch outages;
    private final Monitoring monitoring;
    private final Listeners listeners;
    private final Path adminFile;
    private final Rotations rotations;
    private final OwnSvid own;

    /** Starts everything; when it returns all listeners are bound. */
    static ControlPlane start(ServerConfig config, Path configFolder, Clock clock)
            throws StartException, IOException, InvalidDocumentException {
        Listener.preload();
        Foundation foundation = Foundation.open(config, configFolder, clock);
        ControlPlane made;
        try {
            made = new ControlPlane(config, configFolder, foundation, clock);
        } catch (IOException | RuntimeException e) {
            foundation.close();
            throw e;
        }
        try {
            made.begin(config.dev(), configFolder);
            return made;
        } catch (IOException | RuntimeException e) {
            made.close(); // A thread that goes on would work on a store that is closed.
            throw e;
        }
    }

    private ControlPlane(ServerConfig config, Path configFolder, Foundation foundation, Clock clock)
            throws IOException {
        this.clock = clock;
        this.foundation = foundation;
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        timer = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("timer").unstarted(task));
        loops = EventLoops.of(EVENT_LOOPS, "http");
        RevocationStore revocations = new RevocationStore(foundation.store(), clock);
        live = LiveParts.start(config, foundation, revocations.inForce(), loops, clock);
        sidecars = new Sidecars(live.leases().held());
        Snapshots snapshots = new Snapshots(foundation.mesh(), foundation.keys());
        distribution = new Distribution(live.mesh(), snapshots, live.leases(), sidecars, timer, clock, metrics);
        issuance = issuance(config, revocations, metrics);
        audit = AuditParts.open(config, foundation, live, issuance.certificates(), sidecars, clock, metrics);
        long epoch = foundation.mesh().epoch();
        outages = new OutageWatch(
                foundation.store(), sidecars, foundation.authorities(), live.mesh(), config.outagePlan(), clock);
        monitoring = new Monitoring(
                metrics,
                live.documents(),
                live.folder(),
                live.issuers(),
                sidecars,
                outages,
                foundation.authorities(),
                foundation.store(),
                epoch);
        own = new OwnSvid(
                foundation.authorities(),
                foundation.ownSvid(),
                foundation.mesh().trustDomain(),
                config.leafLife(),
                clock);
        revocations.onChange(own::revoked);
        own.revoked(revocations.inForce());
        adminFile = config.state().resolve("admin.json");
        LiveFleet fleet = new LiveFleet(
                foundation.authorities(),
                live.mesh(),
                sidecars,
                distribution,
                own,
                () -> renewAdminContext(config.dev(), configFolder));
        rotations = rotations(fleet, metrics);
        own.start(); // It has its SVID when this returns; the listeners show it.
        listeners = listeners(config, own.source(), metrics);
    }

    private void begin(boolean dev, Path configFolder) throws IOException {
        distribution.start();
        issuance.start(timer);
        listeners.start();
        writeAdminContext(dev, configFolder);
        rotations.start();
        awaitKeys();
        monitoring.ready(true);
    }

    private Rotations rotations(LiveFleet fleet, MeterRegistry metrics) {
        CaMetrics.register(metrics, foundation.authorities(), clock);
        AuthorityEvents events = new AuthorityEvents(issuance.events(), clock);
        Rotations made = new Rotations(foundation.store(), foundation.authorities(), fleet, events, clock);
        distribution.onOpen(holder -> fleet.instance(holder).ifPresent(made::connected));
        return made;
    }

    private IssuanceParts issuance(ServerConfig config, RevocationStore revocations, MeterRegistry metrics)
            throws IOException {
        // What is taken back is pushed first; then the streams of the losers end.
        revocations.onChange(live.mesh()::revoked);
        revocations.onChange(distribution::revoked);
        return new IssuanceParts(
                new IssuanceParts.Settings(
                        config.leafLife(),
                        config.issuance().leafLives(),
                        config.issuance().kubernetes()),
                foundation.store(),
                foundation.authorities(),
                this::told,
                foundation.mesh().trustDomain(),
                live.mesh()::state,
                revocations,
                pause,
                clock,
                metrics);
    }

    /** Whoever signed it, though another may sign today. What is left and no longer trusted needs no list. */
    private Optional<RevokingAuthority> told(int generation) throws AuthorityUnavailableException {
        return foundation
                .authorities()
                .signer(generation)
                .map(Generation::authority)
                .flatMap(authority ->
                        authority instanceof RevokingAuthority told ? Optional.of(told) : Optional.empty());
    }

    private Listeners listeners(ServerConfig config, SvidSource svid, MeterRegistry metrics) {
        SidecarService service = new SidecarService(
                issuance.issuance(),
                issuance.canaries(),
                rotations,
                distribution,
                live.mesh(),
                live.issuers(),
                audit.collector(),
                clock);
        Api api = new Api(
                live.documents(),
                live.folder(),
                List.of(
                        operations(config.advertise()),
                        new CertificateRoutes(issuance, live.mesh(), clock),
                        new RevocationRoutes(issuance, live.mesh()),
                        new CaApi(rotations, () -> live.mesh().state().bundle()),
                        audit.routes(),
                        drills()));
        return new Listeners(
                config,
                loops,
                svid,
                foundation.people().root(),
                new Listeners.Served(service, api, monitoring),
                metrics,
                clock);
    }

    private DrillPages drills() {
        return new DrillPages(new Drills(foundation.store()), pause, outages, clock);
    }

    private Operations operations(Optional<String> advertise) {
        StatusPage status = new StatusPage(
                foundation.mesh(),
                live.documents(),
                live.folder(),
                live.issuers(),
                sidecars,
                outages,
                pause,
                audit.collector());
        return new Operations(
                foundation.mesh(),
                live.mesh(),
                foundation.keys(),
                new JoinTokens(foundation.store()),
                issuance.certificates(),
                sidecars,
                distribution,
                status,
                () -> new Operations.Addresses(reachable(sidecars(), advertise), reachable(enrolment(), advertise)),
                clock);
    }

    private void writeAdminContext(boolean dev, Path configFolder) throws IOException {
        if (adminContext().write(adminFile, api(), foundation.authorities().bundle(), clock.instant()) && !dev) {
            AdminContext.copy(adminFile, configFolder);
        }
    }

    private void renewAdminContext(boolean dev, Path configFolder) throws IOException {
        AdminContext context = adminContext();
        if (context.write(adminFile, api(), foundation.authorities().bundle(), clock.instant()) && !dev) {
            context.copyAgain(adminFile, configFolder);
        }
    }

    private AdminContext adminContext() {
        return new AdminContext(foundation.mesh(), foundation.people());
    }

    private void awaitKeys() {
        try {
            live.issuers().awaitFirstTries(FIRST_KEYS_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HostPort reachable(HostPort bound, Optional<String> advertise) {
        return advertise.map(host -> new HostPort(host, bound.port())).orElse(bound);
    }

    HostPort sidecars() {
        return listeners.sidecars();
    }

    HostPort enrolment() {
        return listeners.enrolment();
    }

    HostPort api() {
        return listeners.api();
    }

    HostPort monitoring() {
        return listeners.monitoring();
    }

    Path adminFile() {
        return adminFile;
    }

    RevocationStore revocations() {
        return issuance.revocations();
    }

    Foundation foundation() {
        return foundation;
    }

    /** What whoever started this process waits for. */
    Map<String, Object> readyLine() {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("ready", "control-plane");
        line.put("mesh", foundation.mesh().name());
        line.put("trustDomain", foundation.mesh().trustDomain().name());
        line.put("revision", foundation.documents().revision());
        line.put("sidecars", sidecars().toString());
        line.put("enrolment", enrolment().toString());
        line.put("monitoring", monitoring().toString());
        line.put("api", api().toString());
        line.put("admin", adminFile.toString());
        return line;
    }

    /** Clean stop: streams end with a reason, what has begun is durable. */
    @Override
    public void close() {
        log.info("stopping");
        monitoring.ready(false);
        distribution.stop();
        stopParts();
        audit.close();
        issuance.close();
        foundation.close();
    }

    private void stopParts() {
        rotations.close();
        own.close();
        live.close();
        timer.shutdownNow();
        listeners.stop();
        loops.shutdownGracefully();
    }

    public static void main(String[] arguments) {
        // First of all, before any TLS class is loaded: a resumed session would skip the trust manager.
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
        System.setProperty("jdk.tls.client.enableSessionTicketExtension", "false");
        System.exit(Launch.run(arguments, System.getenv()));
    }
}
