package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.audit.tlog.TileStore;
import dev.sallyport.audit.tlog.TiledLog;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Removes the oldest entries for good, whole bundles of {@value TilePath#WIDTH}, and never their hashes: every proof and checkpoint still holds, and a receipt in the log says what is
 * gone, since when, and by whom. One at a time; blocks.
 */
final class Prune {
    private static final Duration RECEIPT_WITHIN = Duration.ofSeconds(30);
    private static final int LOOK_AT = 1024;
    private static final int POLL_MILLIS = 50;

    /** {@code from} to before {@code below} are gone now; {@code receipt}: the index of the leaf that says so. */
    record Pruned(long from, long below, long receipt) {}

    private final TiledLog tiled;
    private final TileStore store;
    private final StreamTable table;
    private final Findings.Leaves leaves;
    private final Clock clock;

    Prune(TiledLog tiled, TileStore store, StreamTable table, Findings.Leaves leaves, Clock clock) {
        this.tiled = tiled;
        this.store = store;
        this.table = table;
        this.leaves = leaves;
        this.clock = clock;
    }

    /**
     * Entries before index {@code wanted}, as far as whole bundles go. {@code published}: what readers and witnesses have seen; nothing later is removed. Empty: nothing to remove.
     */
    synchronized Optional<Pruned> below(long wanted, long published, String person)
            throws IOException, BatchRefusedException {
        long from = table.pruned();
        long below = Math.min(wanted, published) / TilePath.WIDTH * TilePath.WIDTH;
        if (below <= from) {
            return Optional.empty();
        }
        long receipt = leaves.record(new LeafText(AuditFields.EVENT_PRUNE, clock.instant())
                .number(AuditFields.PRUNE_FROM, from)
                .number(AuditFields.PRUNE_BELOW, below)
                .text(AuditFields.ACTOR_ID, person)
                .toBytes());
        awaitIntegrated(receipt);
        for (long bundle = from / TilePath.WIDTH; bundle < below / TilePath.WIDTH; bundle++) {
            store.delete(TilePath.entries(bundle, TilePath.WIDTH));
        }
        table.pruned(below);
        return Optional.of(new Pruned(from, below, receipt));
    }

    /** Nothing is removed before the log itself, not only the journal, says so. */
    private void awaitIntegrated(long receipt) throws IOException {
        Instant end = clock.instant().plus(RECEIPT_WITHIN);
        try {
            while (tiled.size() <= receipt) {
                if (clock.instant().isAfter(end)) {
                    throw new IOException("the receipt is not in the log within " + RECEIPT_WITHIN.toSeconds()
                            + " s; nothing was removed");
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopping; nothing was removed", e);
        }
    }

    /** The first index whose records came at {@code time} or later: seals say when they came, in order. */
    long firstSince(Instant time) throws IOException {
        long low = table.pruned();
        long high = tiled.size();
        while (low < high) {
            long middle = low + (high - low) / 2;
            Optional<Seen> seal = sealFrom(middle, high);
            if (seal.isEmpty() || !seal.get().at().isBefore(time)) {
                high = middle;
            } else {
                low = seal.get().index() + 1;
            }
        }
        return low;
    }

    private record Seen(long index, Instant at) {}

    private Optional<Seen> sealFrom(long index, long high) throws IOException {
        for (long at = index; at < high; ) {
            List<byte[]> entries = tiled.entries(at, (int) Math.min(LOOK_AT, high - at));
            for (int i = 0; i < entries.size(); i++) {
                Optional<SealLeaf> seal = SealLeaf.parse(entries.get(i));
                if (seal.isPresent()) {
                    return Optional.of(new Seen(at + i, seal.get().at()));
                }
            }
            at += entries.size();
        }
        return Optional.empty();
    }
}
