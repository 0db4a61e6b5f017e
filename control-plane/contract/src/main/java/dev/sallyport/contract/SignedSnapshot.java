package dev.sallyport.contract;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.identity.SpiffeId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot's exact bytes and a detached JWS over them (RFC 7515 appendix F; ES256; {@code typ} sallyport-snapshot+jws; {@code kid}): what was signed is what is kept, nothing is
 * serialised again before its signature is checked. {@code payload} is not copied and must not be changed.
 */
@SuppressWarnings("ArrayRecordComponent") // Up to 16 MiB: equals and hashCode are below, copies are not.
public record SignedSnapshot(byte[] payload, String signature) {
    private static final String TYPE = "sallyport-snapshot+jws";

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SignedSnapshot(byte[] bytes, String text)
                && Arrays.equals(payload, bytes)
                && signature.equals(text);
    }

    @Override
    public int hashCode() {
        return signature.hashCode();
    }

    @Override
    public String toString() {
        return "SignedSnapshot[" + payload.length + " bytes]";
    }

    /** {@code signingKey} is private and has the key id under which the {@link KeyList} holds its public part. */
    public static SignedSnapshot sign(MeshSnapshot snapshot, ECKey signingKey) {
        byte[] payload = snapshot.toBytes();
        return new SignedSnapshot(payload, Signatures.signDetached(TYPE, payload, signingKey));
    }

    /**
     * Signature by a key of {@code keys}, then form, then mesh, recipient and the key list's epoch. {@code validUntil} is not checked here (the holder does, against its clock), nor
     * the order ({@link MeshSnapshot#newerThan}).
     */
    public MeshSnapshot verify(KeyList keys, String mesh, SpiffeId recipient) throws InvalidMessageException {
        Signatures.verifyDetached("snapshot", TYPE, signature, payload, keys.keys());
        MeshSnapshot snapshot = MeshSnapshot.ofBytes(payload);
        if (!snapshot.mesh().equals(mesh)) {
            throw new InvalidMessageException("snapshot.mesh: " + snapshot.mesh() + " (expected: " + mesh + ")");
        }
        requireRecipient(snapshot, recipient);
        if (snapshot.epoch() != keys.epoch()) {
            throw new InvalidMessageException(
                    "snapshot.epoch: " + snapshot.epoch() + " (expected: " + keys.epoch() + ", as its key list)");
        }
        return snapshot;
    }

    /** Signature by {@code trustKey}, then form and recipient: for a sidecar without a control plane, which has this one key in place of a key list. */
    public MeshSnapshot verify(ECKey trustKey, SpiffeId recipient) throws InvalidMessageException {
        Signatures.verifyDetached("snapshot", TYPE, signature, payload, List.of(trustKey));
        MeshSnapshot snapshot = MeshSnapshot.ofBytes(payload);
        requireRecipient(snapshot, recipient);
        return snapshot;
    }

    private static void requireRecipient(MeshSnapshot snapshot, SpiffeId recipient) throws InvalidMessageException {
        if (!snapshot.recipient().equals(recipient)) {
            throw new InvalidMessageException(
                    "snapshot.recipient: " + snapshot.recipient() + " (expected: " + recipient + ")");
        }
    }

    /** One JSON object {@code {"payload": "<text>", "signature": "<header>..<sig>"}}, for stream and disk. */
    public byte[] toBytes() {
        return new JsonText()
                .field("payload", new String(payload, StandardCharsets.UTF_8))
                .field("signature", signature)
                .toBytes();
    }

    /** Reads the form only; nothing in it counts before {@link #verify}. */
    public static SignedSnapshot ofBytes(byte[] json) throws InvalidMessageException {
        return of(
                JsonObject.parse("signed snapshot", json, 2 * Frames.MAX_BYTES).version());
    }

    static SignedSnapshot of(JsonObject json) throws InvalidMessageException {
        SignedSnapshot signed =
                new SignedSnapshot(json.text("payload").getBytes(StandardCharsets.UTF_8), json.text("signature"));
        json.done();
        return signed;
    }
}
