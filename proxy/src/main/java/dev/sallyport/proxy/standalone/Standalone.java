package dev.sallyport.proxy.standalone;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.ship.Collector;
import dev.sallyport.proxy.snapshot.SnapshotStore;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.snapshot.Succession;
import dev.sallyport.proxy.svid.JoinException;
import dev.sallyport.proxy.svid.Membership;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Membership by files: looks at them every second, and what changed goes the way that it would go from a control plane: the certificate past the peers' own verifier, the snapshot
 * past signature, recipient, order and validity. A bad file never replaces a good one; two files cannot be replaced at once, so what does not fit together is looked at again.
 * Control thread.
 */
public final class Standalone implements Membership {
    static final int LOOK_SECONDS = 1;

    /** From one attempt with the same refused files to the next: only time can mend those, as with a certificate that begins later. */
    static final int RETRY_LOOKS = 5;

    private final StandaloneFiles files;
    private final String service;
    private final SpiffeId self;
    private final SnapshotStore store;
    private final Snapshots live;
    private final SvidPublisher publisher;
    private final ControlThread control;
    private final Succession succession;
    private final LongAdder renewals = new LongAdder();
    private final LongAdder failures = new LongAdder();
    /** Published with the first snapshot. */
    private volatile Identity identity;

    private String seen;
    private boolean settled = true;
    private int looksWaited;

    private Standalone(
            String service,
            StandaloneFiles files,
            SnapshotStore store,
            Snapshots live,
            SvidPublisher publisher,
            ControlThread control,
            Clock clock)
            throws RefusedFileException {
        this.service = service;
        this.files = files;
        this.store = store;
        this.live = live;
        this.publisher = publisher;
        this.control = control;
        seen = files.fingerprint(); // before the first is read: what changes from here on is seen
        identity = files.readIdentity();
        self = identity.svid().id();
        succession = new Succession(live, this::trust, clock);
    }

    private void trust(MeshSnapshot next) throws SvidRejectedException {
        List<TrustBundle> trusted = identity.trusted(next);
        publisher.publish(identity.svid(), trusted);
        publisher.publishTrust(trusted, next.revocations());
    }

    /**
     * The first look, before anything is served: certificate, keys and bundle must be good, and so must the snapshot unless the last good one rests in {@code store}. What ruled
     * before a restart counts for the order. Main thread.
     */
    public static Standalone join(
            String service,
            StandaloneFiles files,
            SnapshotStore store,
            Snapshots live,
            SvidPublisher publisher,
            ControlThread control,
            Clock clock)
            throws JoinException, IOException {
        try {
            Standalone member = new Standalone(service, files, store, live, publisher, control, clock);
            store.load(files.readTrustKey(), member.self).ifPresent(member.succession::restore);
            try {
                member.follow();
            } catch (RefusedFileException e) {
                if (live.latest().isEmpty()) {
                    throw e;
                }
                member.settled = false;
                member.succession.refused(String.valueOf(e.getMessage()));
            }
            return member;
        } catch (RefusedFileException e) {
            throw new JoinException(JoinException.Kind.INVALID, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void start() {
        control.execute(this::watch);
    }

    private void watch() {
        control.schedule(this::watch, LOOK_SECONDS, TimeUnit.SECONDS);
        look();
    }

    /** The snapshot comes first: it may bring the bundle that a new certificate needs. A refusal is told once, however often it is tried again. */
    void look() {
        String now = files.fingerprint();
        boolean news = !now.equals(seen);
        if (!news && (settled || ++looksWaited < RETRY_LOOKS)) {
            return;
        }
        seen = now;
        looksWaited = 0;
        boolean followed = tried(this::follow, news, succession::refused);
        boolean renewed = tried(this::renew, news, this::refused);
        settled = followed && renewed;
    }

    private interface Step {
        void run() throws RefusedFileException;
    }

    private static boolean tried(Step step, boolean news, Consumer<String> refused) {
        try {
            step.run();
            return true;
        } catch (RefusedFileException e) {
            if (news) {
                refused.accept(String.valueOf(e.getMessage()));
            }
            return false;
        }
    }

    /** Puts what is in the snapshot file in force, unless it is already. */
    private void follow() throws RefusedFileException {
        SignedSnapshot signed = files.readSnapshot();
        try {
            succession.requireRoom(signed);
            MeshSnapshot next = signed.verify(files.readTrustKey(), self);
            if (!next.service().equals(service)) {
                throw new InvalidMessageException("snapshot.service: " + next.service() + " (expected: " + service
                        + ", as the configuration says)");
            }
            succession.apply(next, () -> store.save(signed, next.policy().digest()));
        } catch (InvalidMessageException | InvalidDocumentException e) {
            throw new RefusedFileException("snapshot", files.snapshot(), String.valueOf(e.getMessage()));
        } catch (SvidRejectedException e) {
            boolean ours = identity.bundle().isEmpty(); // else the snapshot's own bundle is not asked
            throw new RefusedFileException(
                    ours ? "snapshot" : "certificate",
                    ours ? files.snapshot() : files.certificate(),
                    String.valueOf(e.getMessage()));
        }
    }

    /** Puts certificate, key and bundle in use, unless they are already. */
    private void renew() throws RefusedFileException {
        Identity next = files.readIdentity();
        if (!next.svid().id().equals(self)) {
            throw new RefusedFileException(
                    "certificate",
                    files.certificate(),
                    next.svid().id() + " (expected: " + self + ", as at the start of this process)");
        }
        try {
            publisher.publish(
                    next.svid(), next.trusted(live.latest().orElseThrow().snapshot()));
        } catch (SvidRejectedException e) {
            throw new RefusedFileException("certificate", files.certificate(), String.valueOf(e.getMessage()));
        }
        boolean another = !next.svid().chain().equals(identity.svid().chain());
        identity = next;
        if (another) {
            renewals.increment();
            Log.info(
                    "certificate replaced",
                    "serial",
                    next.svid().serial(),
                    "notAfter",
                    next.svid().notAfter());
        }
    }

    private void refused(String problem) {
        failures.increment();
        Log.error(
                "certificate files refused, the ones in use stay",
                "problem",
                problem,
                "notAfter",
                identity.svid().notAfter());
    }

    @Override
    public X509Svid svid() {
        return identity.svid();
    }

    @Override
    public Optional<Instant> renewAt() {
        return Optional.empty();
    }

    @Override
    public long renewals() {
        return renewals.sum();
    }

    @Override
    public long renewalFailures() {
        return failures.sum();
    }

    @Override
    public long snapshotsRefused() {
        return succession.refusals();
    }

    @Override
    public List<TrustBundle> bundles() {
        Identity now = identity;
        return live.latest().map(held -> now.trusted(held.snapshot())).orElse(List.of());
    }

    /** Nobody is there to take them: the log's folder is all. */
    @Override
    public Optional<Collector> collector() {
        return Optional.empty();
    }

    @Override
    public Optional<Boolean> connected() {
        return Optional.empty();
    }

    /** Nobody can be asked: keys are in the snapshot, and a person builds that. */
    @Override
    public void keyWanted(String issuerName) {
        Log.warn(
                "a token names a key that the snapshot does not have",
                "issuer",
                issuerName,
                "expected",
                "a snapshot built with the issuer's present keys",
                "snapshot",
                files.snapshot());
    }

    @Override
    public void stop() {
        // Nothing of it reaches outside of the process.
    }
}
