package dev.sallyport.proxy.snapshot;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.KeyList;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.SvidRejectedException;
import java.util.Optional;

/** Takes snapshots from the stream: key list, signature, mesh and recipient are proven here, the rest is {@link Succession}'s; the control plane is told. Control thread. */
public final class SnapshotClient {
    private final JoinFile mesh;
    private final SnapshotStore store;
    private final Snapshots live;
    private final Succession succession;
    private final Acks acks;
    private long keysEpoch = Long.MIN_VALUE;

    public SnapshotClient(JoinFile mesh, SnapshotStore store, Snapshots live, Succession succession, Acks acks) {
        this.mesh = mesh;
        this.store = store;
        this.live = live;
        this.succession = succession;
        this.acks = acks;
    }

    /** Brings back what was stored. */
    public void restore(SnapshotStore.Verified stored) {
        keysEpoch = stored.keys().epoch();
        succession.restore(stored.snapshot());
    }

    public void received(Wire.Down.Snapshot message) {
        KeyList keys;
        MeshSnapshot snapshot;
        try {
            succession.requireRoom(message.snapshot());
            keys = KeyList.verify(message.keyList(), mesh.rootKeys(), mesh.mesh());
            if (keys.epoch() < keysEpoch) {
                throw new InvalidMessageException(
                        "key list of epoch " + keys.epoch() + " (expected: at least " + keysEpoch + ", as held)");
            }
            snapshot = message.snapshot().verify(keys, mesh.mesh(), mesh.identity());
        } catch (InvalidMessageException e) {
            // Not proven to come from the mesh, or not looked into: nothing in it is worth an answer but that it was
            // refused.
            refused(live.latest().map(CompiledSnapshot::snapshot), String.valueOf(e.getMessage()));
            return;
        }
        try {
            succession.apply(
                    snapshot,
                    () -> store.save(
                            message.keyList(),
                            message.snapshot(),
                            snapshot.policy().digest()));
            keysEpoch = keys.epoch();
            acks.applied(snapshot);
        } catch (InvalidMessageException | InvalidDocumentException | SvidRejectedException e) {
            refused(Optional.of(snapshot), String.valueOf(e.getMessage()));
        }
    }

    private void refused(Optional<MeshSnapshot> snapshot, String why) {
        succession.refused(why);
        snapshot.ifPresent(about -> acks.refused(about, why));
    }

    /** A stream is open: says again what is in force and with which certificate. */
    public void connected() {
        live.latest().map(CompiledSnapshot::snapshot).ifPresent(acks::applied);
    }
}
