package dev.sallyport.proxy.snapshot;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.KeyList;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.proxy.log.Log;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * What happens to a snapshot before it rules: key list, signature, mesh and recipient, order, validity, compilation, bundles; only then is it swapped in whole, stored and
 * acknowledged. At any doubt the one held stays. Control thread.
 */
public final class SnapshotClient {
    private final JoinFile mesh;
    private final SnapshotStore store;
    private final Snapshots live;
    private final SvidPublisher publisher;
    private final Acks acks;
    private final Clock clock;
    private final LongAdder refusals = new LongAdder();
    private long keysEpoch = Long.MIN_VALUE;

    public SnapshotClient(
            JoinFile mesh, SnapshotStore store, Snapshots live, SvidPublisher publisher, Acks acks, Clock clock) {
        this.mesh = mesh;
        this.store = store;
        this.live = live;
        this.publisher = publisher;
        this.acks = acks;
        this.clock = clock;
    }

    /** Brings back what was stored, so that a restart needs no control plane. An expired one still counts for the order, and denies every request. */
    public void restore(SnapshotStore.Verified stored) {
        try {
            CompiledSnapshot compiled = CompiledSnapshot.compile(stored.snapshot());
            publisher.publishBundles(stored.snapshot().trust().bundles());
            keysEpoch = stored.keys().epoch();
            live.swap(compiled);
            Log.info(
                    "stored snapshot in force",
                    "revision",
                    stored.snapshot().revision(),
                    "validUntil",
                    stored.snapshot().validUntil(),
                    "expired",
                    live.current().isEmpty());
        } catch (InvalidMessageException | InvalidDocumentException | SvidRejectedException e) {
            Log.error("stored snapshot refused", "problem", String.valueOf(e.getMessage()));
        }
    }

    public void received(Wire.Down.Snapshot message) {
        KeyList keys;
        MeshSnapshot snapshot;
        try {
            keys = KeyList.verify(message.keyList(), mesh.rootKeys(), mesh.mesh());
            if (keys.epoch() < keysEpoch) {
                throw new InvalidMessageException(
                        "key list of epoch " + keys.epoch() + " (expected: at least " + keysEpoch + ", as held)");
            }
            snapshot = message.snapshot().verify(keys, mesh.mesh(), mesh.identity());
        } catch (InvalidMessageException e) {
            // Not proven to come from the mesh: nothing in it is worth an answer but that it was refused.
            refused(live.latest().map(CompiledSnapshot::snapshot), String.valueOf(e.getMessage()));
            return;
        }
        try {
            apply(snapshot, keys, message);
        } catch (InvalidMessageException | InvalidDocumentException | SvidRejectedException e) {
            refused(Optional.of(snapshot), String.valueOf(e.getMessage()));
        }
    }

    private void apply(MeshSnapshot snapshot, KeyList keys, Wire.Down.Snapshot message)
            throws InvalidMessageException, InvalidDocumentException, SvidRejectedException {
        Optional<MeshSnapshot> held = live.latest().map(CompiledSnapshot::snapshot);
        if (held.filter(snapshot::equals).isPresent()) {
            acks.applied(snapshot);
            return;
        }
        if (held.isPresent() && !snapshot.newerThan(held.get())) {
            throw new InvalidMessageException("snapshot " + order(snapshot)
                    + " is not newer than the one held (expected: after " + order(held.get()) + ")");
        }
        if (!snapshot.validUntil().isAfter(clock.instant())) {
            throw new InvalidMessageException("validUntil: " + snapshot.validUntil() + " (expected: after "
                    + clock.instant() + ", the clock here)");
        }
        CompiledSnapshot compiled = CompiledSnapshot.compile(snapshot);
        publisher.publishBundles(
                snapshot.trust().bundles()); // refuses bundles under which our own SVID would not verify
        keysEpoch = keys.epoch();
        live.swap(compiled);
        try {
            store.save(message.keyList(), message.snapshot(), snapshot.policy().digest());
        } catch (IOException e) {
            // In force, but a restart would come up with an older one.
            Log.error("snapshot not stored", "problem", e);
        }
        Log.info(
                "snapshot in force",
                "epoch",
                snapshot.epoch(),
                "revision",
                snapshot.revision(),
                "digest",
                snapshot.policy().digest(),
                "validUntil",
                snapshot.validUntil());
        acks.applied(snapshot);
    }

    private void refused(Optional<MeshSnapshot> snapshot, String why) {
        refusals.increment();
        Log.error("snapshot refused, the one held stays", "problem", why);
        snapshot.ifPresent(about -> acks.refused(about, why));
    }

    private static String order(MeshSnapshot snapshot) {
        return "(epoch " + snapshot.epoch() + ", revision " + snapshot.revision() + ", " + snapshot.issuedAt() + ")";
    }

    /** A stream is open: says again what is in force and with which certificate. */
    public void connected() {
        live.latest().map(CompiledSnapshot::snapshot).ifPresent(acks::applied);
    }

    /** Snapshots refused since start. Any thread. */
    public long refusals() {
        return refusals.sum();
    }
}
