package dev.sallyport.audit.tlog;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;

/** A private key by the name of who holds it. Never shows the key. Any thread. */
public final class NoteSigner {
    private final NoteVerifier verifier;
    private final PrivateKey key;

    private NoteSigner(NoteVerifier verifier, PrivateKey key) {
        this.verifier = verifier;
        this.key = key;
    }

    static NoteSigner of(NoteVerifier verifier, PrivateKey key) {
        return new NoteSigner(verifier, key);
    }

    /** A new key of {@code type}. IllegalArgumentException when {@code name} is no key name. */
    public static NoteSigner generate(String name, KeyType type) {
        if (!SignedNote.isKeyName(name)) {
            throw new IllegalArgumentException("key name: (expected: a name without spaces and +)");
        }
        try {
            KeyPair pair = KeyPairGenerator.getInstance(type.algorithm).generateKeyPair();
            return new NoteSigner(NoteVerifier.of(name, type, pair.getPublic()), pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(type.algorithm + " is part of the platform", e);
        }
    }

    /** Who verifies what this signs. */
    public NoteVerifier verifier() {
        return verifier;
    }

    /** {@code now}: the time of a cosignature, to the second; other signatures have none. IllegalArgumentException when this kind of key cannot sign {@code text}: a cosignature is over a checkpoint. */
    public NoteSignature sign(String text, Instant now) {
        KeyType type = verifier.type();
        long seconds = now.getEpochSecond();
        byte[] message = type.message(verifier.name(), text, seconds)
                .orElseThrow(() -> new IllegalArgumentException("note: (expected: a checkpoint to cosign)"));
        ByteBuffer bytes = ByteBuffer.allocate(type.signatureBytes());
        if (type.timed()) {
            bytes.putLong(seconds);
        }
        try {
            Signature signing = Signature.getInstance(type.algorithm);
            signing.initSign(key);
            signing.update(message);
            bytes.put(signing.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key of " + type.algorithm + " can sign", e);
        }
        return new NoteSignature(verifier.name(), verifier.id(), bytes.array());
    }

    /** PKCS#8, for the key's file alone. */
    byte[] secret() {
        return key.getEncoded();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return verifier.toString();
    }
}
