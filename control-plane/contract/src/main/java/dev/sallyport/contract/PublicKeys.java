package dev.sallyport.contract;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Verification keys as they travel: P-256, public, with a key id, and nothing else (RFC 7517, RFC 7518 section 6.2). */
final class PublicKeys {
    /** Members that are or lead to a secret: RFC 7518 sections 6.2.2, 6.3.2 and 6.4, and {@code priv} of AKP keys. */
    private static final Set<String> SECRET_MEMBERS = Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv");

    private PublicKeys() {}

    /** The public parts only, so that a private one cannot leave by any path; key ids are unique and the list is never empty. */
    static List<ECKey> publicOnly(List<ECKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("keys: none (expected: at least one)");
        }
        var ids = new HashSet<String>();
        var result = new ArrayList<ECKey>();
        for (ECKey key : keys) {
            String id = key.getKeyID();
            if (id == null || id.isEmpty() || !ids.add(id)) {
                throw new IllegalArgumentException("kid: " + id + " (expected: one of its own for each key)");
            }
            if (!Curve.P_256.equals(key.getCurve())) {
                throw new IllegalArgumentException("crv: " + key.getCurve() + " (expected: P-256)");
            }
            result.add(new ECKey.Builder(Curve.P_256, key.getX(), key.getY())
                    .keyID(id)
                    .build());
        }
        return List.copyOf(result);
    }

    static List<ECKey> read(JsonObject in, String name) throws InvalidMessageException {
        List<ECKey> keys = new ArrayList<>();
        for (JsonObject key : in.objects(name)) {
            keys.add(read(key));
        }
        try {
            return publicOnly(keys);
        } catch (IllegalArgumentException e) {
            throw in.wrong(name, "none, or two of one kid", "at least one, each with a kid of its own");
        }
    }

    /** A member beyond these five and those that the caller has read is refused, {@code d} first of all. */
    static ECKey read(JsonObject in) throws InvalidMessageException {
        if (!in.text("kty").equals("EC") || !in.text("crv").equals(Curve.P_256.getName())) {
            throw in.wrong("crv", "another kind of key", "EC, P-256");
        }
        String kid = in.text("kid");
        Base64URL x = new Base64URL(in.text("x"));
        Base64URL y = new Base64URL(in.text("y"));
        in.done();
        try {
            return new ECKey.Builder(Curve.P_256, x, y).keyID(kid).build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            // Nimbus checks that the point lies on the curve.
            throw in.wrong("x", "a point elsewhere", "a point of P-256");
        }
    }

    /** Refuses a text that is no JWK Set, or holds a secret. Other members and kinds of keys are the issuer's business. {@code what} names it in errors. */
    static void requirePublic(String what, String jwks) throws InvalidMessageException {
        JsonObject set = JsonObject.parse(what, jwks.getBytes(StandardCharsets.UTF_8), Frames.MAX_BYTES);
        for (JsonObject key : set.objects("keys")) {
            for (String member : SECRET_MEMBERS) {
                if (key.has(member)) {
                    throw key.wrong(member, "a secret", "public keys only");
                }
            }
        }
    }
}
