package dev.sallyport.audit.tlog;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A public key by the name of who holds it. Two are equal when their {@link #vkey} is. Immutable, any thread. */
public final class NoteVerifier {
    private final String name;
    private final KeyType type;
    private final byte[] raw;
    private final int id;
    private final PublicKey key;

    private NoteVerifier(String name, KeyType type, byte[] raw, PublicKey key) {
        this.name = name;
        this.type = type;
        this.raw = raw;
        this.id = type.id(name, raw);
        this.key = key;
    }

    static NoteVerifier of(String name, KeyType type, PublicKey key) {
        return new NoteVerifier(name, type, type.raw(key), key);
    }

    /** The text form: {@code name+id+base64(type ‖ key)} (C2SP signed-note, verifier keys). */
    public static NoteVerifier parse(String vkey) throws InvalidNoteException {
        String[] parts = vkey.strip().split("\\+", 3);
        if (parts.length != 3 || !SignedNote.isKeyName(parts[0])) {
            throw new InvalidNoteException("verifier key: (expected: name+id+key)");
        }
        byte[] typed = Base64Text.decode(parts[2])
                .filter(bytes -> bytes.length > 1)
                .orElseThrow(() -> new InvalidNoteException("verifier key: its third part is not base64"));
        KeyType type = KeyType.of(typed[0])
                .orElseThrow(() -> new InvalidNoteException("verifier key: type " + typed[0]
                        + " (expected: 1 Ed25519, 4 Ed25519 cosignature, 6 ML-DSA-44 cosignature)"));
        byte[] raw = Arrays.copyOfRange(typed, 1, typed.length);
        PublicKey key = type.publicKey(raw)
                .orElseThrow(() -> new InvalidNoteException("verifier key: not a key of " + type.algorithm));
        NoteVerifier verifier = new NoteVerifier(parts[0], type, raw, key);
        if (!parts[1].equals(verifier.hexId())) {
            throw new InvalidNoteException("verifier key: the id does not fit name and key (expected: "
                    + verifier.hexId() + "; was it copied whole?)");
        }
        return verifier;
    }

    /** Of who holds the key; of a log, its origin. */
    public String name() {
        return name;
    }

    public KeyType type() {
        return type;
    }

    /** To be given to those who verify. */
    public String vkey() {
        byte[] typed = ByteBuffer.allocate(1 + raw.length)
                .put((byte) type.code)
                .put(raw)
                .array();
        return name + "+" + hexId() + "+" + Base64Text.encode(typed);
    }

    /** For messages: name and id. */
    public String shown() {
        return name + "+" + hexId();
    }

    /** Whether the signature says that it is of this key. */
    boolean names(NoteSignature signature) {
        return signature.keyId() == id && signature.name().equals(name);
    }

    int id() {
        return id;
    }

    /** Empty when the signature does not hold over {@code text}. */
    Optional<SignedNote.Verified> verify(String text, NoteSignature signature) {
        byte[] bytes = signature.bytes();
        if (!names(signature) || bytes.length != type.signatureBytes()) {
            return Optional.empty();
        }
        int from = type.timed() ? Long.BYTES : 0;
        long seconds = type.timed() ? ByteBuffer.wrap(bytes).getLong() : 0;
        // A cosignature without a time says nothing about the largest tree; beyond a long it is no time
        // (tlog-cosignature).
        boolean sane = !type.timed() || seconds > 0 && seconds <= Instant.MAX.getEpochSecond();
        return type.message(name, text, seconds)
                .filter(message -> sane && holds(message, Arrays.copyOfRange(bytes, from, bytes.length)))
                .map(_ -> new SignedNote.Verified(
                        this, type.timed() ? Optional.of(Instant.ofEpochSecond(seconds)) : Optional.empty()));
    }

    private boolean holds(byte[] message, byte[] signature) {
        try {
            Signature verifying = Signature.getInstance(type.algorithm);
            verifying.initVerify(key);
            verifying.update(message);
            return verifying.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // A signature that cannot even be read is not one.
        }
    }

    private String hexId() {
        return HexFormat.of().toHexDigits(id);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NoteVerifier that
                && type == that.type
                && name.equals(that.name)
                && Arrays.equals(raw, that.raw);
    }

    @Override
    public int hashCode() {
        return id;
    }

    @Override
    public String toString() {
        return shown();
    }
}
