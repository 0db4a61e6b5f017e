package dev.sallyport.contract;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One P-256 key as a JWK file (RFC 7517 section 4, RFC 7518 section 6.2): private where snapshots are signed for sidecars without a control plane, public beside those sidecars.
 * Read strictly; no message quotes a member.
 */
public final class JwkFile {
    private static final int BYTES_MAX = 16 * 1024;

    private JwkFile() {}

    /** A new private key, named by its thumbprint (RFC 7638). */
    public static ECKey generate() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyUse(KeyUse.SIGNATURE)
                    .keyIDFromThumbprint(true)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("every Java platform of this version has P-256", e);
        }
    }

    /** The text of the file. Holds the private part if the key has one: then for a file with mode 0600 only. */
    public static byte[] toBytes(ECKey key) {
        return (key.toJSONString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The signer's; refused are a public key, and one whose parts do not belong together. {@code what} names it in errors. */
    public static ECKey ofPrivate(String what, byte[] json) throws InvalidMessageException {
        JsonObject members = JsonObject.parse(what, json, BYTES_MAX);
        if (!members.has("d")) {
            throw new InvalidMessageException(what + ": a public key (expected: the private one, which signs)");
        }
        Base64URL d = new Base64URL(members.text("d"));
        ECKey publicKey = publicPart(members);
        try {
            ECKey key = new ECKey.Builder(publicKey).d(d).build();
            Signatures.verify(what, what, Signatures.sign(what, new byte[1], key), List.of(publicKey));
            return key;
        } catch (InvalidMessageException | IllegalArgumentException | IllegalStateException e) {
            throw new InvalidMessageException(what + ": its private part is of another key (expected: of its x and y)");
        }
    }

    /** The verifier's; a private key is refused, for where snapshots are verified nobody must be able to sign them. */
    public static ECKey ofPublic(String what, byte[] json) throws InvalidMessageException {
        JsonObject members = JsonObject.parse(what, json, BYTES_MAX);
        if (members.has("d")) {
            throw new InvalidMessageException(what + ": a private key (expected: the public one, which only verifies)");
        }
        return publicPart(members);
    }

    /** {@code use} and {@code alg}, which other tools write, must fit when they are there. */
    private static ECKey publicPart(JsonObject members) throws InvalidMessageException {
        require(members, "use", "sig");
        require(members, "alg", "ES256");
        return PublicKeys.read(members);
    }

    private static void require(JsonObject members, String name, String expected) throws InvalidMessageException {
        if (!members.optionalText(name).orElse(expected).equals(expected)) {
            throw members.wrong(name, "another", expected);
        }
    }
}
