package dev.sallyport.audit.tlog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Which of the known witnesses cosigned, and whether they are enough. A witness counts once, whatever keys it has: one that had two keys would be two otherwise. */
public record Cosigners(List<String> names) {
    public Cosigners {
        names = List.copyOf(names);
    }

    /** By name, in order. InvalidNoteException when fewer than {@code atLeast} did, or when a signature in the name of one does not hold. */
    public static Cosigners of(SignedNote note, Collection<NoteVerifier> witnesses, int atLeast)
            throws InvalidNoteException {
        boolean any = note.signatures().stream()
                .anyMatch(signature -> witnesses.stream().anyMatch(witness -> witness.names(signature)));
        TreeSet<String> names = new TreeSet<>();
        if (any) {
            note.verify(witnesses).forEach(verified -> names.add(verified.key().name()));
        }
        if (names.size() < atLeast) {
            throw new InvalidNoteException("checkpoint: cosigned by " + names.size() + " of the given witnesses "
                    + names + " (expected: at least " + atLeast + ")");
        }
        return new Cosigners(new ArrayList<>(names));
    }
}
