package dev.sallyport.proxy.snapshot;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.proxy.log.Log;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * What happens to a snapshot between the proof that it is meant for us and its rule: order, validity, compilation, bundles; only then is it stored, and swapped in whole. At any
 * doubt the one held stays. One thread at a time.
 */
public final class Succession {
    /** Makes the bundles of a snapshot count, or refuses it. */
    @FunctionalInterface
    public interface Trust {
        void publish(MeshSnapshot next) throws SvidRejectedException;
    }

    /** Puts on disk what a restart will read. */
    @FunctionalInterface
    public interface Keeper {
        void save() throws IOException;
    }

    private final Snapshots live;
    private final Trust trust;
    private final Clock clock;
    private final Room room;
    private final LongAdder refusals = new LongAdder();
    /** Nothing older follows it, even if it cannot rule itself. */
    private Optional<MeshSnapshot> newest = Optional.empty();

    public Succession(Snapshots live, Trust trust, Clock clock) {
        this(live, trust, clock, Room.ofProcess());
    }

    Succession(Snapshots live, Trust trust, Clock clock, Room room) {
        this.live = live;
        this.trust = trust;
        this.clock = clock;
        this.room = room;
    }

    /** Refuses what the heap has no room for; to be asked before {@code next} is looked into. */
    public void requireRoom(SignedSnapshot next) throws InvalidMessageException {
        Optional<String> problem = room.problem(next.payload().length);
        if (problem.isPresent()) {
            throw new InvalidMessageException(problem.get());
        }
    }

    /** Brings back what was stored, so that a restart needs nobody else. An expired one still counts for the order, and denies every request. */
    public void restore(MeshSnapshot stored) {
        newest = Optional.of(stored);
        try {
            CompiledSnapshot compiled = CompiledSnapshot.compile(stored);
            trust.publish(stored);
            live.swap(compiled);
            Log.info(
                    "stored snapshot in force",
                    "revision",
                    stored.revision(),
                    "validUntil",
                    stored.validUntil(),
                    "expired",
                    live.current().isEmpty());
        } catch (InvalidMessageException | InvalidDocumentException | SvidRejectedException e) {
            Log.error("stored snapshot refused", "problem", String.valueOf(e.getMessage()));
        }
    }

    /** In force when this returns; the one that is held already may come again. */
    public void apply(MeshSnapshot next, Keeper keeper)
            throws InvalidMessageException, InvalidDocumentException, SvidRejectedException {
        if (live.latest().filter(held -> held.snapshot().equals(next)).isPresent()) {
            return;
        }
        if (newest.isPresent() && !next.equals(newest.get()) && !next.newerThan(newest.get())) {
            throw new InvalidMessageException("snapshot " + order(next)
                    + " is not newer than the one held (expected: after " + order(newest.get()) + ")");
        }
        if (!next.validUntil().isAfter(clock.instant())) {
            throw new InvalidMessageException(
                    "validUntil: " + next.validUntil() + " (expected: after " + clock.instant() + ", the clock here)");
        }
        CompiledSnapshot compiled = CompiledSnapshot.compile(next);
        trust.publish(next); // refuses bundles under which our own SVID would not verify
        newest = Optional.of(next);
        try {
            keeper.save(); // before it rules: a kill right after a denial must not bring the older rules back
        } catch (IOException e) {
            // It rules all the same, but a restart would come up with an older one.
            Log.error("snapshot not stored", "problem", e);
        }
        live.swap(compiled);
        Log.info(
                "snapshot in force",
                "epoch",
                next.epoch(),
                "revision",
                next.revision(),
                "digest",
                next.policy().digest(),
                "validUntil",
                next.validUntil());
    }

    /** Puts on record that the one held stays. */
    public void refused(String why) {
        refusals.increment();
        Log.error("snapshot refused, the one held stays", "problem", why);
    }

    private static String order(MeshSnapshot snapshot) {
        return "(epoch " + snapshot.epoch() + ", revision " + snapshot.revision() + ", " + snapshot.issuedAt() + ")";
    }

    /** Snapshots refused since start. Any thread. */
    public long refusals() {
        return refusals.sum();
    }
}
