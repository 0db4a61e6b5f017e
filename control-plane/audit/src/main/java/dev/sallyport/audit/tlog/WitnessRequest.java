package dev.sallyport.audit.tlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What a log asks a witness (C2SP tlog-witness, {@code add-checkpoint}): from {@code oldSize}, which the witness cosigned last, to this note. As text, and what the answers mean. */
public record WitnessRequest(long oldSize, List<Hash> proof, SignedNote note) {
    /** Appended to the witness's address. */
    public static final String PATH = "/add-checkpoint";
    /** The media type of a 409: a size and a line feed. */
    public static final String SIZE_TYPE = "text/x.tlog.size";
    /** Of a request: a note, and a line a hash. */
    public static final int BYTES_MAX = SignedNote.BYTES_MAX + 4 * 1024;

    private static final String OLD = "old ";

    public WitnessRequest {
        proof = List.copyOf(proof);
    }

    /** What came back. */
    public sealed interface Answer {
        /** The witness's signatures, verified, to be added to the note. */
        record Cosigned(List<NoteSignature> signatures) implements Answer {}

        /** It stands elsewhere: to be asked again from {@code size}. */
        record Conflict(long size) implements Answer {}

        /** Anything else; {@code why} for people. */
        record Refused(int status, String why) implements Answer {}
    }

    /** As it is sent. */
    public byte[] toBytes() {
        StringBuilder lines = new StringBuilder(OLD).append(oldSize).append('\n');
        proof.forEach(hash -> lines.append(hash).append('\n'));
        lines.append('\n');
        byte[] head = SignedNote.utf8(lines.toString());
        byte[] tail = note.toBytes();
        byte[] all = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, all, head.length, tail.length);
        return all;
    }

    /** Strict; nothing is verified. */
    public static WitnessRequest parse(byte[] bytes) throws InvalidNoteException {
        if (bytes.length > BYTES_MAX) {
            throw new InvalidNoteException("request: " + bytes.length + " bytes (expected: at most " + BYTES_MAX + ")");
        }
        TextHead head = TextHead.of(bytes, MerkleProof.HASHES_MAX + 1)
                .orElseThrow(() -> new InvalidNoteException("request: (expected: an old size, at most "
                        + MerkleProof.HASHES_MAX + " hashes, an empty line and a checkpoint)"));
        List<String> lines = head.lines();
        long old = Optional.of(lines)
                .filter(some -> !some.isEmpty() && some.getFirst().startsWith(OLD))
                .flatMap(some -> Decimal.parse(some.getFirst().substring(OLD.length())))
                .orElseThrow(() -> new InvalidNoteException("request: (expected: old and a size in its first line)"));
        return new WitnessRequest(old, hashes(lines.subList(1, lines.size())), SignedNote.parse(head.rest()));
    }

    static List<Hash> hashes(List<String> lines) throws InvalidNoteException {
        List<Hash> hashes = new ArrayList<>();
        for (String line : lines) {
            hashes.add(Hash.parse(line)
                    .orElseThrow(() -> new InvalidNoteException("proof: (expected: a hash as base64 a line)")));
        }
        return hashes;
    }

    /** What an HTTP answer means; a cosignature counts when one of {@code witness} made it over this note. Never quotes the body. */
    public Answer answer(int status, byte[] body, Collection<NoteVerifier> witness) {
        String text = new String(body, StandardCharsets.UTF_8);
        if (status == 409) {
            return Decimal.parse(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text)
                    .<Answer>map(Answer.Conflict::new)
                    .orElseGet(() -> new Answer.Refused(status, "a conflict without a size"));
        }
        if (status != 200 || body.length > SignedNote.BYTES_MAX) {
            return new Answer.Refused(status, reason(status));
        }
        try {
            List<NoteSignature> signatures = SignedNote.signatures(text);
            new SignedNote(note.text(), signatures).verify(witness);
            return new Answer.Cosigned(signatures.stream()
                    .filter(signature -> witness.stream().anyMatch(key -> key.names(signature)))
                    .toList());
        } catch (InvalidNoteException e) {
            return new Answer.Refused(status, String.valueOf(e.getMessage()));
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "it could not read the request";
            case 403 -> "it found no signature of a key that it knows for this log";
            case 404 -> "it does not know this log";
            case 422 -> "the proof of consistency does not hold for what it saw before";
            default -> "it did not answer as a witness does";
        };
    }
}
