package dev.sallyport.contract;

import com.nimbusds.jose.jwk.ECKey;
import java.util.List;

/**
 * The snapshot-signing public keys of a mesh, signed by its root key, which every sidecar has from its join file. Keys are P-256, each with a key id of its own; a private part
 * given to the constructor stays behind there.
 */
public record KeyList(String mesh, long epoch, List<ECKey> keys) {
    private static final String TYPE = "sallyport-keys+jws";
    private static final int TEXT_MAX = 64 * 1024;

    public KeyList {
        keys = PublicKeys.publicOnly(keys);
    }

    /** Compact JWS, ES256, {@code typ} sallyport-keys+jws. {@code rootKey} is private and has a key id. */
    public String sign(ECKey rootKey) {
        byte[] payload = new JsonText()
                .field("mesh", mesh)
                .field("epoch", epoch)
                .keys("keys", keys)
                .toBytes();
        return Signatures.sign(TYPE, payload, rootKey);
    }

    /** Signature by one of {@code rootKeys} and the right mesh, or nothing. */
    public static KeyList verify(String jws, List<ECKey> rootKeys, String mesh) throws InvalidMessageException {
        if (jws.length() > TEXT_MAX) {
            throw new InvalidMessageException(
                    "key list: " + jws.length() + " characters (expected: at most " + TEXT_MAX + ")");
        }
        byte[] payload = Signatures.verify("key list", TYPE, jws, rootKeys);
        JsonObject json = JsonObject.parse("key list", payload, TEXT_MAX).version();
        KeyList list = new KeyList(json.text("mesh"), json.number("epoch", 0), PublicKeys.read(json, "keys"));
        json.done();
        if (!list.mesh().equals(mesh)) {
            throw new InvalidMessageException("key list.mesh: " + list.mesh() + " (expected: " + mesh + ")");
        }
        return list;
    }
}
