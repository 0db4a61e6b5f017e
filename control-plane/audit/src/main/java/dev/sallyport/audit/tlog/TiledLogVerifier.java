package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Recomputes a tiled log from its files: who signed the checkpoint, every entry's hash, every tile, the root, and that older checkpoints are its beginnings; inside it the streams of
 * records. Stops at the first thing that does not hold. One bundle is in memory at a time. For one log; one thread.
 */
public final class TiledLogVerifier {
    /** For a log whose entries are not records. */
    private static final LeafReader UNREAD = new LeafReader() {
        @Override
        public Sealed seal(long index, byte[] leaf) throws BadLeafException {
            throw new BadLeafException("a seal");
        }

        @Override
        public OptionalLong other(byte[] leaf) {
            return OptionalLong.of(Long.MAX_VALUE);
        }
    };

    private final TileStore store;
    private final Trust trust;
    private final StreamChecks streams;
    private final boolean readLeaves;
    private final HashRows rows = new HashRows();
    private final List<String> signers = new ArrayList<>();
    private final List<String> cosigners = new ArrayList<>();
    private Optional<Checkpoint> checkpoint = Optional.empty();
    private List<Checkpoint> older = List.of();
    private long pruned;

    private TiledLogVerifier(TileStore store, Trust trust, LeafReader leaves, boolean readLeaves) {
        this.store = store;
        this.trust = trust;
        this.streams = new StreamChecks(leaves);
        this.readLeaves = readLeaves;
    }

    /** Tree and streams. IOException when the log cannot be read; everything else is in the report. */
    public static LogReport verify(TileStore store, Trust trust, LeafReader leaves) throws IOException {
        return new TiledLogVerifier(store, trust, leaves, true).run();
    }

    /** The tree alone, whatever its entries are. */
    public static LogReport verifyTree(TileStore store, Trust trust) throws IOException {
        return new TiledLogVerifier(store, trust, UNREAD, false).run();
    }

    /** Ends the work. */
    private static final class BadException extends Exception {
        private static final long serialVersionUID = 1;

        private final transient LogReport.Bad bad;

        BadException(long index, String file, String problem) {
            super(problem, null, false, false);
            bad = new LogReport.Bad(index, file, problem);
        }
    }

    private LogReport run() throws IOException {
        Optional<LogReport.Bad> bad = Optional.empty();
        try {
            Checkpoint signed = signed();
            checkpoint = Optional.of(signed);
            older = older(signed);
            entries(signed.size());
            tiles();
            root(signed);
        } catch (BadException e) {
            bad = Optional.of(e.bad);
        } catch (DifferentTileException e) {
            bad = Optional.of(new LogReport.Bad(e.firstEntry, e.path, String.valueOf(e.getMessage())));
        }
        return new LogReport(
                checkpoint,
                signers,
                cosigners,
                older.isEmpty() ? Optional.empty() : Optional.of(older.getLast()),
                rows.size() - pruned,
                pruned,
                streams.records(),
                streams.requests(),
                streams.streams(),
                streams.gaps(),
                bad);
    }

    private Checkpoint signed() throws IOException, BadException {
        try {
            SignedNote note = SignedNote.parse(store.read(TilePath.CHECKPOINT)
                    .orElseThrow(() -> new InvalidNoteException("not found (expected: the log's signed note)")));
            Checkpoint.Signed verified = Checkpoint.verify(note, trust.keys());
            verified.signers().stream().map(signer -> signer.key().shown()).forEach(signers::add);
            cosigners.addAll(
                    Cosigners.of(note, trust.witnesses(), trust.cosignatures()).names());
            return verified.checkpoint();
        } catch (InvalidNoteException e) {
            throw new BadException(-1, TilePath.CHECKPOINT, String.valueOf(e.getMessage()));
        }
    }

    /** By size. Signed by the log as today's: what only a witness signed, it may have made up. */
    private List<Checkpoint> older(Checkpoint signed) throws BadException {
        List<Checkpoint> all = new ArrayList<>();
        try {
            for (SignedNote note : trust.since()) {
                all.add(Checkpoint.verify(note, trust.keys()).checkpoint());
            }
        } catch (InvalidNoteException e) {
            throw new BadException(-1, "older checkpoint", String.valueOf(e.getMessage()));
        }
        all.sort(Comparator.comparingLong(Checkpoint::size));
        for (Checkpoint one : all) {
            if (!one.origin().equals(signed.origin())) {
                throw new BadException(-1, "older checkpoint", "of another log (expected: of " + signed.origin() + ")");
            }
            if (one.size() > signed.size()) {
                throw new BadException(
                        -1,
                        TilePath.CHECKPOINT,
                        "names " + signed.size() + " entries, but the older checkpoint has " + one.size()
                                + ": the log's end is missing, or it was put back");
            }
        }
        return all;
    }

    private void entries(long size) throws IOException, BadException {
        for (long index = 0; rows.size() < size; index++) {
            int count = (int) Math.min(TilePath.WIDTH, size - rows.size());
            String file = TilePath.entries(index, count);
            Optional<byte[]> bundle = file(file, TilePath.entries(index, TilePath.WIDTH));
            byte[] tile = leaves(index, count);
            if (bundle.isPresent()) {
                bundle(file, bundle.get(), count, tile);
            } else if (pruned == rows.size() && count == TilePath.WIDTH) {
                prunedBundle(tile);
            } else {
                throw new BadException(rows.size(), file, "missing (expected: its entries)");
            }
        }
        end(size);
    }

    private static String bundleOf(long index, long size) {
        long bundle = index / TilePath.WIDTH;
        return TilePath.entries(bundle, (int) Math.min(TilePath.WIDTH, size - bundle * TilePath.WIDTH));
    }

    private byte[] leaves(long index, int count) throws IOException, BadException {
        String path = TilePath.tile(0, index, count);
        return file(path, TilePath.tile(0, index, TilePath.WIDTH))
                .filter(bytes -> bytes.length >= count * Hash.BYTES)
                .orElseThrow(() -> new BadException(rows.size(), path, "missing or cut (expected: the hashes)"));
    }

    private void end(long size) throws BadException {
        try {
            if (readLeaves) {
                streams.end(pruned);
            }
        } catch (BadLeafException e) {
            String problem = String.valueOf(e.getMessage());
            throw e.index() == BadLeafException.THIS
                    ? new BadException(Math.max(0, size - 1), "end of the log", problem)
                    : new BadException(e.index(), bundleOf(e.index(), size), problem);
        }
    }

    private void prunedBundle(byte[] tile) throws IOException, BadException {
        for (int i = 0; i < TilePath.WIDTH; i++) {
            rows.appendHash(tile, i * Hash.BYTES, this::compare);
            atOlder();
        }
        pruned = rows.size();
    }

    private void bundle(String file, byte[] bundle, int count, byte[] tile) throws IOException, BadException {
        int at = 0;
        for (int i = 0; i < count; i++) {
            long index = rows.size();
            int end = EntryBundle.end(bundle, at);
            if (end < 0) {
                throw new BadException(index, file, "cut (expected: " + count + " entries)");
            }
            // The tile of leaves is compared here, entry by entry: so the first bad one has a name.
            boolean full = rows.append(bundle, at + 2, end - at - 2, this::compareAbove);
            if (!rows.lastLeafIs(tile, i * Hash.BYTES)) {
                throw new BadException(
                        index,
                        file,
                        "its hash is not the one in " + TilePath.tile(0, index / TilePath.WIDTH, TilePath.WIDTH)
                                + " (the entry or the tile was changed)");
            }
            leaf(index, file, bundle, at + 2, end);
            atOlder();
            if (full && tile.length != TilePath.WIDTH * Hash.BYTES) {
                throw new BadException(
                        index, TilePath.tile(0, index / TilePath.WIDTH, count), "longer than its hashes");
            }
            at = end;
        }
        if (count == TilePath.WIDTH && at != bundle.length) {
            throw new BadException(rows.size() - 1, file, "bytes behind its last entry");
        }
    }

    private void leaf(long index, String file, byte[] bytes, int from, int to) throws BadException {
        if (!readLeaves) {
            return;
        }
        try {
            streams.leaf(index, bytes, from, to, pruned > 0);
        } catch (BadLeafException e) {
            throw new BadException(index, file, String.valueOf(e.getMessage()));
        }
    }

    private void atOlder() throws BadException {
        for (Checkpoint one : older) {
            if (one.size() == rows.size() && !one.tree().equals(rows.tree())) {
                throw new BadException(
                        one.size() - 1,
                        TilePath.CHECKPOINT,
                        "the first " + one.size() + " entries are not those of the older checkpoint: the log was"
                                + " written anew, or has forked");
            }
        }
    }

    private Optional<byte[]> file(String path, String fullPath) throws IOException {
        Optional<byte[]> bytes = store.read(path);
        return bytes.isPresent() || path.equals(fullPath) ? bytes : store.read(fullPath);
    }

    private void compareAbove(int level, long index, byte[] hashes, int count) throws IOException {
        if (level > 0) {
            compare(level, index, hashes, count);
        }
    }

    private void compare(int level, long index, byte[] hashes, int count) throws IOException {
        String path = TilePath.tile(level, index, count);
        Optional<byte[]> stored = file(path, TilePath.tile(level, index, TilePath.WIDTH));
        long firstEntry = index << 8 * (level + 1);
        if (stored.isEmpty()) {
            throw new DifferentTileException(firstEntry, path, "missing (expected: the hashes of level " + level + ")");
        }
        int length = count * Hash.BYTES;
        byte[] found = stored.get();
        if (found.length < length || !Arrays.equals(found, 0, length, hashes, 0, length)) {
            throw new DifferentTileException(firstEntry, path, "not the hashes of the level below");
        }
    }

    /** Out of a callback. */
    private static final class DifferentTileException extends IOException {
        private static final long serialVersionUID = 1;

        private final long firstEntry;
        private final String path;

        DifferentTileException(long firstEntry, String path, String problem) {
            super(problem);
            this.firstEntry = firstEntry;
            this.path = path;
        }
    }

    /** The ones that are not full; the leaves were compared. */
    private void tiles() throws IOException {
        rows.partials(this::compareAbove);
    }

    private void root(Checkpoint signed) throws BadException {
        Tree found = rows.tree();
        if (!found.equals(signed.tree())) {
            throw new BadException(
                    -1,
                    TilePath.CHECKPOINT,
                    "root " + signed.root() + " (expected: " + found.root() + ", of the " + found.size()
                            + " entries that are there)");
        }
    }
}
