package dev.sallyport.audit.tlog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A text and who signed it (C2SP signed-note). The text means nothing before {@link #verify} has answered. {@code text} ends with a line feed. */
public record SignedNote(String text, List<NoteSignature> signatures) {
    /** Of a whole note; sixty-four signatures with ML-DSA-44 fit. */
    public static final int BYTES_MAX = 256 * 1024;
    /** At least sixteen must be read (C2SP signed-note). */
    static final int SIGNATURES_MAX = 64;

    public SignedNote {
        signatures = List.copyOf(signatures);
    }

    /** A known key whose signature holds, and when it was made, where the signature says so. */
    public record Verified(NoteVerifier key, Optional<Instant> at) {}

    /** Signs; the signatures stand in the order of the signers. IllegalArgumentException when one cannot sign this text. */
    public static SignedNote sign(String text, List<NoteSigner> signers, Instant now) {
        return new SignedNote(
                text, signers.stream().map(signer -> signer.sign(text, now)).toList());
    }

    /** With more signatures, which are believed to be over this text. */
    public SignedNote with(List<NoteSignature> more) {
        List<NoteSignature> all = new ArrayList<>(signatures);
        all.addAll(more);
        return new SignedNote(text, all);
    }

    /** Strict: whole, or refused. Nothing is verified. */
    public static SignedNote parse(byte[] bytes) throws InvalidNoteException {
        if (bytes.length > BYTES_MAX) {
            throw new InvalidNoteException("note: " + bytes.length + " bytes (expected: at most " + BYTES_MAX + ")");
        }
        String note = text(bytes);
        if (note.chars().anyMatch(c -> c < ' ' && c != '\n')) {
            throw new InvalidNoteException("note: control characters (expected: none but line feeds)");
        }
        // The text may have empty lines; the last one ends it.
        int blank = note.lastIndexOf("\n\n");
        if (blank < 0 || !note.endsWith("\n") || blank + 2 == note.length()) {
            throw new InvalidNoteException(
                    "note: (expected: a text, an empty line, and signatures, each with its line feed)");
        }
        return new SignedNote(note.substring(0, blank + 1), signatures(note.substring(blank + 2)));
    }

    /** One or more signature lines, each with its line feed. */
    static List<NoteSignature> signatures(String lines) throws InvalidNoteException {
        List<NoteSignature> signatures = new ArrayList<>();
        String[] split = lines.split("\n", -1);
        if (split.length < 2 || !split[split.length - 1].isEmpty() || split.length - 1 > SIGNATURES_MAX) {
            throw new InvalidNoteException("note: (expected: 1 to " + SIGNATURES_MAX + " signature lines)");
        }
        for (int i = 0; i < split.length - 1; i++) {
            int number = i + 1;
            signatures.add(NoteSignature.parse(split[i])
                    .orElseThrow(() -> new InvalidNoteException("note: signature line " + number
                            + " (expected: an em dash, a key name and base64, a space between)")));
        }
        return signatures;
    }

    /**
     * Who of {@code known} signed it. Signatures of others are ignored. InvalidNoteException when none of them did, when a signature in the name of one does not hold, or when one signed
     * twice: then nothing in the note is to be believed.
     */
    public List<Verified> verify(Collection<NoteVerifier> known) throws InvalidNoteException {
        List<Verified> verified = new ArrayList<>();
        Set<NoteVerifier> seen = new HashSet<>();
        for (NoteSignature signature : signatures) {
            for (NoteVerifier key : known) {
                if (!key.names(signature)) {
                    continue;
                }
                if (!seen.add(key)) {
                    throw new InvalidNoteException("note: two signatures of " + key.shown() + " (expected: one)");
                }
                verified.add(key.verify(text, signature)
                        .orElseThrow(() ->
                                new InvalidNoteException("note: the signature of " + key.shown() + " does not hold")));
            }
        }
        if (verified.isEmpty()) {
            throw new InvalidNoteException("note: no signature of a known key (expected: one of "
                    + String.join(", ", known.stream().map(NoteVerifier::shown).toList()) + ")");
        }
        return List.copyOf(verified);
    }

    /** As it is stored and sent. */
    public byte[] toBytes() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(signature -> note.append(signature.line()));
        return utf8(note.toString());
    }

    /** Not empty, no spaces, no plus, no control characters. */
    static boolean isKeyName(String name) {
        return !name.isEmpty()
                && name.codePoints()
                        .noneMatch(c -> c == '+'
                                || c < ' '
                                || Character.isWhitespace(c)
                                || Character.isSpaceChar(c)
                                || c == 0x85);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) throws InvalidNoteException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidNoteException("note: not UTF-8");
        }
    }
}
