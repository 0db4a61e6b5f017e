package dev.sallyport.audit.tlog;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a log says of itself: its origin, size and root (C2SP tlog-checkpoint). Extension lines are refused: an ML-DSA signature would not cover them. */
public record Checkpoint(String origin, Tree tree) {
    /** Bytes of the cosigned name of a log (C2SP tlog-cosignature). */
    private static final int ORIGIN_BYTES_MAX = 255;

    /** IllegalArgumentException for an origin that is no line of 1 to 255 bytes. */
    public Checkpoint {
        if (!isOrigin(origin)) {
            throw new IllegalArgumentException(
                    "origin: (expected: a line of 1 to " + ORIGIN_BYTES_MAX + " bytes of UTF-8)");
        }
    }

    /** Not every log's name is a key's: spaces are allowed here (C2SP tlog-checkpoint, note text). */
    private static boolean isOrigin(String origin) {
        return !origin.isEmpty()
                && origin.chars().noneMatch(c -> c < ' ')
                && SignedNote.utf8(origin).length <= ORIGIN_BYTES_MAX;
    }

    public long size() {
        return tree.size();
    }

    public Hash root() {
        return tree.root();
    }

    /** The text that is signed. */
    public String text() {
        return origin + "\n" + tree.size() + "\n" + tree.root() + "\n";
    }

    /** The text of a note, which somebody has verified or will. */
    public static Checkpoint parse(String text) throws InvalidNoteException {
        List<String> lines = List.of(text.split("\n", -1));
        // Three of them and, behind the last line feed, nothing.
        if (lines.size() != 4 || !lines.getLast().isEmpty() || !isOrigin(lines.getFirst())) {
            throw new InvalidNoteException("checkpoint: (expected: three lines, the origin, the size and the root)");
        }
        Tree tree = tree(lines.subList(1, 3))
                .orElseThrow(() -> new InvalidNoteException(
                        "checkpoint: (expected: the size as a decimal, then the root as base64 of 32 bytes)"));
        return new Checkpoint(lines.getFirst(), tree);
    }

    /** A checkpoint and who signed it. */
    public record Signed(Checkpoint checkpoint, List<SignedNote.Verified> signers) {}

    /**
     * That the log which the note names has signed it with each of {@code keys}. Were one enough, whoever has stolen or broken one key would need no other. A key that has not the
     * origin's name is refused, or the key of one log would vouch for another. Signatures of others are ignored.
     */
    public static Signed verify(SignedNote note, Collection<NoteVerifier> keys) throws InvalidNoteException {
        Checkpoint checkpoint = parse(note.text());
        Set<NoteVerifier> all = new LinkedHashSet<>(keys);
        for (NoteVerifier key : all) {
            if (!key.name().equals(checkpoint.origin())) {
                throw new InvalidNoteException("checkpoint: of another log than the given keys (expected: of "
                        + key.name() + ", the name of " + key.shown() + ")");
            }
            if (note.signatures().stream().noneMatch(key::names)) {
                throw new InvalidNoteException(
                        "checkpoint: no signature of " + key.shown() + " (expected: of each of the given keys)");
            }
        }
        // Throws for a signature that does not hold, and without keys.
        return new Signed(checkpoint, note.verify(all));
    }

    /** A size and a root, a line each. */
    static Optional<Tree> tree(List<String> lines) {
        return lines.size() != 2
                ? Optional.empty()
                : Decimal.parse(lines.get(0))
                        .flatMap(size -> Hash.parse(lines.get(1)).map(root -> new Tree(size, root)));
    }
}
