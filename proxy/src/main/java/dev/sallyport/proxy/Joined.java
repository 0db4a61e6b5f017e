package dev.sallyport.proxy;

import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.ControlPlaneClient;
import dev.sallyport.proxy.controlplane.ControlPlaneConnection;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.ship.Collector;
import dev.sallyport.proxy.snapshot.Acks;
import dev.sallyport.proxy.snapshot.KeyReports;
import dev.sallyport.proxy.snapshot.SnapshotClient;
import dev.sallyport.proxy.snapshot.SnapshotStore;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.snapshot.Succession;
import dev.sallyport.proxy.state.StateFolder;
import dev.sallyport.proxy.svid.Canary;
import dev.sallyport.proxy.svid.Join;
import dev.sallyport.proxy.svid.JoinException;
import dev.sallyport.proxy.svid.Membership;
import dev.sallyport.proxy.svid.Reenrolment;
import dev.sallyport.proxy.svid.SvidClient;
import dev.sallyport.proxy.svid.SvidStore;
import dev.sallyport.proxy.tls.TestHandshake;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Membership through a control plane: joined with what is on disk or with a token, then told and renewed over one stream. */
public final class Joined implements Membership {
    private final Transport side;
    private final Snapshots snapshots;
    private final ControlPlaneClient client;
    private final Succession succession;
    private final SnapshotClient snapshotClient;
    private final SvidClient svidClient;
    private final KeyReports keyReports;
    private final Canary canary;

    /** {@code side} carries the connections; {@code advertised} is asked at each connect. Blocks until joined, on the main thread. */
    public Joined(
            String service,
            ProxyConfig.ControlPlane settings,
            StateFolder state,
            SvidPublisher publisher,
            Snapshots snapshots,
            MeshTls tls,
            Transport side,
            ControlThread control,
            Clock clock,
            Supplier<HostPort> advertised)
            throws IOException, JoinException, InterruptedException {
        SecureRandom random = new SecureRandom();
        String instance = state.instance();
        this.side = side;
        this.snapshots = snapshots;
        SnapshotStore store = new SnapshotStore(state.root());
        SvidStore svidStore = new SvidStore(state.identity());
        Join.Member member = new Join(
                        state.root(),
                        svidStore,
                        instance,
                        publisher,
                        (address, mesh) -> dialEnrolment(address, mesh.trustBundle(), clock),
                        random)
                .run(
                        new Join.Request(
                                service,
                                settings.joinTokenFile(),
                                settings.serviceAccountTokenFile(),
                                new JoinOverrides(settings),
                                settings.joinWait()),
                        mesh -> store.load(mesh)
                                .map(stored -> stored.snapshot().trust().bundles()));
        client = new ControlPlaneClient(
                () -> dial(member.mesh(), tls),
                () -> hello(instance, advertised.get()),
                control,
                ControlPlaneClient.SILENCE,
                random);
        succession = new Succession(
                snapshots, next -> publisher.publishTrust(next.trust().bundles(), next.revocations()), clock);
        snapshotClient = new SnapshotClient(
                member.mesh(),
                store,
                snapshots,
                succession,
                new Acks(instance, publisher.source(), client::post, control, clock));
        svidClient = new SvidClient(
                svidStore,
                publisher,
                instance,
                member.svid(),
                client::post,
                new Reenrolment(
                        settings.serviceAccountTokenFile(),
                        instance,
                        () -> dialEnrolment(member.mesh().enrolment(), trusted(member.mesh()), clock)),
                control,
                clock,
                random,
                client::redial);
        canary = new Canary(
                instance,
                new TestHandshake(tls, publisher.source(), source -> new MeshTls(source, clock))::problem,
                client::post,
                control);
        keyReports = new KeyReports(instance, client::post, control);
        store.load(member.mesh()).ifPresent(snapshotClient::restore);
    }

    private CompletableFuture<ControlPlaneConnection> dial(JoinFile mesh, MeshTls tls) {
        return ControlPlaneConnection.dial(
                side,
                mesh.controlPlane(),
                tls.controlPlane(),
                SpiffeId.controlPlane(mesh.identity().trustDomain()));
    }

    private CompletableFuture<ControlPlaneConnection> dialEnrolment(
            HostPort address, TrustBundle trusted, Clock clock) {
        try {
            SslContext tls = MeshTls.enrolment(trusted, clock);
            // The engine of a handshake holds the native context; our own hold ends with the dial.
            return ControlPlaneConnection.dial(side, address, tls, SpiffeId.controlPlane(trusted.trustDomain()))
                    .whenComplete((_, _) -> ReferenceCountUtil.release(tls));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The roots as they are now: those of the join file may have been replaced since. */
    private TrustBundle trusted(JoinFile mesh) {
        return bundles().stream()
                .filter(bundle -> bundle.trustDomain().equals(mesh.identity().trustDomain()))
                .findFirst()
                .orElse(mesh.trustBundle());
    }

    private Wire.Hello hello(String instance, HostPort advertised) {
        var held = snapshots.latest().map(compiled -> compiled.snapshot());
        return new Wire.Hello(
                instance,
                advertised,
                held.map(snapshot -> snapshot.epoch()).orElse(-1L),
                held.map(snapshot -> snapshot.revision()).orElse(-1L),
                svid().serial(),
                Sidecar.VERSION);
    }

    @Override
    public void start() {
        client.start(new Following(snapshotClient, svidClient, canary));
        svidClient.start();
    }

    /** Sends each message of the stream to the part that it is for. */
    private record Following(SnapshotClient snapshots, SvidClient svid, Canary canary)
            implements ControlPlaneClient.Listener {
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
                case Wire.Down.Try wanted -> canary.attempt(wanted.authority());
                case Wire.Down.Heartbeat _ -> {}
            }
        }
    }

    @Override
    public X509Svid svid() {
        return svidClient.current().svid();
    }

    @Override
    public Optional<Instant> renewAt() {
        return Optional.of(svidClient.current().renewAt());
    }

    @Override
    public long renewals() {
        return svidClient.successes();
    }

    @Override
    public long renewalFailures() {
        return svidClient.failures();
    }

    @Override
    public long snapshotsRefused() {
        return succession.refusals();
    }

    @Override
    public List<TrustBundle> bundles() {
        return snapshots.latest().map(held -> held.snapshot().trust().bundles()).orElse(List.of());
    }

    @Override
    public Optional<Boolean> connected() {
        return Optional.of(client.connected());
    }

    @Override
    public Optional<Collector> collector() {
        return Optional.of(batch -> client.post(MeshNames.AUDIT_BATCH_PATH, batch));
    }

    @Override
    public void keyWanted(String issuerName) {
        keyReports.wanted(issuerName);
    }

    @Override
    public void stop() {
        client.close();
    }
}
