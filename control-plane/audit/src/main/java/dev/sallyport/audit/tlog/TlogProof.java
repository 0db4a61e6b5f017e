package dev.sallyport.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * That one entry is in a log, in a file that proves it by itself (C2SP tlog-proof): its index, the hashes up to the root, and the note that names the root. {@code extra} is not
 * authenticated; ours holds the entry itself, which the proof then binds.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TlogProof(Optional<byte[]> extra, long index, List<Hash> hashes, SignedNote note) {
    /** How such files are named. */
    public static final String SUFFIX = ".tlog-proof";
    /** Of a whole file. */
    public static final int BYTES_MAX = SignedNote.BYTES_MAX + 128 * 1024;

    private static final String FIRST_LINE = "c2sp.org/tlog-proof@v1";
    private static final String EXTRA = "extra ";
    private static final String INDEX = "index ";

    public TlogProof {
        hashes = List.copyOf(hashes);
    }

    /** Of an entry that goes with its proof. {@code hashes}: {@link TiledLog#inclusion} in the tree of the note. */
    public static TlogProof of(byte[] entry, long index, List<Hash> hashes, SignedNote note) {
        return new TlogProof(Optional.of(entry), index, hashes, note);
    }

    /** As it is stored. */
    public byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringBuilder head = new StringBuilder(FIRST_LINE).append('\n');
        extra.ifPresent(
                bytes -> head.append(EXTRA).append(Base64Text.encode(bytes)).append('\n'));
        head.append(INDEX).append(index).append('\n');
        hashes.forEach(hash -> head.append(hash).append('\n'));
        out.writeBytes(SignedNote.utf8(head.append('\n').toString()));
        out.writeBytes(note.toBytes());
        return out.toByteArray();
    }

    /** Strict; nothing is verified. */
    public static TlogProof parse(byte[] bytes) throws InvalidNoteException {
        TextHead head = Optional.of(bytes)
                .filter(all -> all.length <= BYTES_MAX)
                .flatMap(all -> TextHead.of(all, MerkleProof.HASHES_MAX + 3))
                .filter(found ->
                        found.lines().size() >= 2 && found.lines().getFirst().equals(FIRST_LINE))
                .orElseThrow(() -> new InvalidNoteException("proof: (expected: " + FIRST_LINE + ", an index, at most "
                        + MerkleProof.HASHES_MAX + " hashes, an empty line and a checkpoint)"));
        List<String> lines = head.lines();
        boolean hasExtra = lines.get(1).startsWith(EXTRA);
        Optional<byte[]> extra = hasExtra
                ? Optional.of(Base64Text.decode(lines.get(1).substring(EXTRA.length()))
                        .orElseThrow(() -> new InvalidNoteException("proof: its extra line is not base64")))
                : Optional.empty();
        int at = hasExtra ? 2 : 1;
        long index = Optional.of(lines)
                .filter(all -> all.size() > at && all.get(at).startsWith(INDEX))
                .flatMap(all -> Decimal.parse(all.get(at).substring(INDEX.length())))
                .orElseThrow(() -> new InvalidNoteException("proof: (expected: index and a number)"));
        List<Hash> hashes = WitnessRequest.hashes(lines.subList(at + 1, lines.size()));
        return new TlogProof(extra, index, hashes, SignedNote.parse(head.rest()));
    }

    /** That {@code entry} is in the log whose keys are {@code keys}, each of which signed; InvalidNoteException says what does not hold. Cosignatures: {@link Cosigners}. */
    public Checkpoint.Signed verify(byte[] entry, Collection<NoteVerifier> keys) throws InvalidNoteException {
        Checkpoint.Signed signed = Checkpoint.verify(note, keys);
        Tree tree = signed.checkpoint().tree();
        if (!MerkleProof.included(MerkleProof.leaf(entry), index, tree, hashes)) {
            throw new InvalidNoteException("proof: the entry is not number " + index + " of the tree of " + tree.size()
                    + " entries (its hashes do not lead to the root)");
        }
        return signed;
    }
}
