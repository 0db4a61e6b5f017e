package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a witness has cosigned last of one log: {@code <state>/<SHA-256 of the origin>/checkpoint}, the note with the cosignatures. Guarded by itself. */
final class WitnessedLog {
    private static final String FILE = "checkpoint";

    private final Path file;
    private final List<NoteVerifier> keys;
    private Tree last;
    private Optional<SignedNote> latest;

    private WitnessedLog(Path file, List<NoteVerifier> keys, Tree last, Optional<SignedNote> latest) {
        this.file = file;
        this.keys = keys;
        this.last = last;
        this.latest = latest;
    }

    static WitnessedLog open(Path state, String origin, List<NoteVerifier> keys) throws IOException {
        Path file = state.resolve(name(origin)).resolve(FILE);
        if (!Files.exists(file)) {
            return new WitnessedLog(file, keys, Tree.EMPTY, Optional.empty());
        }
        try {
            SignedNote note = SignedNote.parse(Files.readAllBytes(file));
            Checkpoint checkpoint = Checkpoint.parse(note.text());
            if (!checkpoint.origin().equals(origin)) {
                throw new InvalidNoteException("origin: another log's");
            }
            return new WitnessedLog(file, keys, checkpoint.tree(), Optional.of(note));
        } catch (InvalidNoteException e) {
            // Starting over would let the log show this witness a second history.
            throw new IOException(file + ": " + e.getMessage() + " (expected: the checkpoint of " + origin
                    + " that was cosigned last; restore it from a copy)");
        }
    }

    /** IOException when the state has a log that is not among {@code origins}. */
    static void refuseOthers(Path state, Collection<String> origins) throws IOException {
        Set<String> known =
                new HashSet<>(origins.stream().map(WitnessedLog::name).toList());
        if (!Files.isDirectory(state)) {
            return;
        }
        try (Stream<Path> entries = Files.list(state)) {
            for (Path folder : entries.sorted().toList()) {
                if (Files.exists(folder.resolve(FILE)) && !known.contains(String.valueOf(folder.getFileName()))) {
                    throw new IOException(folder + ": of " + originIn(folder.resolve(FILE)) + ", which no given log is"
                            + " (expected: its key among the given ones, or the state of another witness)");
                }
            }
        }
    }

    private static String originIn(Path file) throws IOException {
        try {
            return Checkpoint.parse(SignedNote.parse(Files.readAllBytes(file)).text())
                    .origin();
        } catch (InvalidNoteException e) {
            return "an unknown log";
        }
    }

    /** As the path of the monitoring interface has it. */
    static String name(String origin) {
        return HexFormat.of().formatHex(TreeHasher.sha256().digest(SignedNote.utf8(origin)));
    }

    List<NoteVerifier> keys() {
        return keys;
    }

    Tree last() {
        return last;
    }

    Optional<SignedNote> latest() {
        return latest;
    }

    /** Durable when it returns. Signatures of keys that this witness does not know are left out: nothing is known of them. */
    void advance(Tree tree, SignedNote note, List<NoteSignature> cosignatures) throws IOException {
        List<NoteSignature> kept = new ArrayList<>(note.signatures().stream()
                .filter(signature -> keys.stream().anyMatch(key -> key.names(signature)))
                .toList());
        kept.addAll(cosignatures);
        SignedNote cosigned = new SignedNote(note.text(), kept);
        DurableFile.write(file, cosigned.toBytes());
        last = tree;
        latest = Optional.of(cosigned);
    }
}
