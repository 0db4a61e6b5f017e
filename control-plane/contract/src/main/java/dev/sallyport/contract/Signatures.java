package dev.sallyport.contract;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ES256 in JWS compact form, with its payload or detached (RFC 7515 section 7.1 and appendix F). The header holds {@code alg}, {@code kid} and {@code typ}, no more: a key in a
 * header ({@code jwk}, {@code jku}, {@code x5c}), {@code crit} and {@code b64} are unknown fields and fail.
 */
final class Signatures {
    /** Anchored by {@code matches()}; the middle is empty when detached. */
    private static final Pattern COMPACT = Pattern.compile("([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]*)\\.([A-Za-z0-9_-]+)");

    /** R and S (RFC 7518 section 3.4). */
    private static final int SIGNATURE_BYTES = 64;

    private static final int HEADER_BYTES_MAX = 1024;

    private Signatures() {}

    /** {@code header.payload.signature}. {@code key} is private and has a key id. */
    static String sign(String typ, byte[] payload, ECKey key) {
        return signed(typ, payload, key).serialize();
    }

    /** {@code header..signature}. */
    static String signDetached(String typ, byte[] payload, ECKey key) {
        return signed(typ, payload, key).serialize(true);
    }

    /** The payload of a compact JWS that one of {@code keys} signed; {@code what} names it in errors. */
    static byte[] verify(String what, String typ, String jws, List<ECKey> keys) throws InvalidMessageException {
        Matcher parts = parts(what, jws);
        byte[] payload = decode(what, parts.group(2));
        verify(what, typ, parts, payload, keys);
        return payload;
    }

    /** Returns if one of {@code keys} signed exactly {@code payload}. */
    static void verifyDetached(String what, String typ, String jws, byte[] payload, List<ECKey> keys)
            throws InvalidMessageException {
        Matcher parts = parts(what, jws);
        if (!parts.group(2).isEmpty()) {
            throw new InvalidMessageException(what + ": its signature carries a payload (expected: detached)");
        }
        verify(what, typ, parts, payload, keys);
    }

    private static JWSObject signed(String typ, byte[] payload, ECKey key) {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(new JOSEObjectType(typ))
                .keyID(key.getKeyID())
                .build();
        JWSObject jws = new JWSObject(header, new Payload(payload));
        try {
            jws.sign(new ECDSASigner(key));
            return jws;
        } catch (JOSEException e) {
            throw new IllegalArgumentException("signing key: not a P-256 key with its private part", e);
        }
    }

    private static void verify(String what, String typ, Matcher parts, byte[] payload, List<ECKey> keys)
            throws InvalidMessageException {
        JsonObject header =
                JsonObject.parse(what + ": signature header", decode(what, parts.group(1)), HEADER_BYTES_MAX);
        // RFC 8725 section 3.1: the algorithm is ours to choose, not the sender's.
        require(header, "alg", JWSAlgorithm.ES256.getName());
        // RFC 8725 section 3.11: a signature made for one purpose must not count for another.
        require(header, "typ", typ);
        String kid = header.text("kid");
        header.done();
        Optional<ECKey> key =
                keys.stream().filter(listed -> kid.equals(listed.getKeyID())).findFirst();
        if (key.isEmpty()) {
            throw new InvalidMessageException(what + ": signed by a key that is not listed");
        }
        byte[] signature = decode(what, parts.group(3));
        String signed = parts.group(1) + "." + Base64URL.encode(payload);
        if (signature.length != SIGNATURE_BYTES || !verifies(key.get(), signed, signature)) {
            throw new InvalidMessageException(what + ": signature does not match");
        }
    }

    static boolean verifies(ECKey key, String signed, byte[] signature) {
        try {
            return new ECDSAVerifier(key)
                    .verify(
                            new JWSHeader(JWSAlgorithm.ES256),
                            signed.getBytes(StandardCharsets.US_ASCII),
                            Base64URL.encode(signature));
        } catch (JOSEException e) {
            return false;
        }
    }

    private static void require(JsonObject header, String name, String expected) throws InvalidMessageException {
        if (!header.text(name).equals(expected)) {
            throw header.wrong(name, "another", expected);
        }
    }

    private static Matcher parts(String what, String jws) throws InvalidMessageException {
        Matcher parts = COMPACT.matcher(jws);
        if (!parts.matches()) {
            throw new InvalidMessageException(what + ": not a compact JWS");
        }
        return parts;
    }

    /** Only the one encoding counts: unused bits of the last character would make several texts of one signature. */
    private static byte[] decode(String what, String base64url) throws InvalidMessageException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(base64url);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(base64url)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Falls through to the refusal.
        }
        throw new InvalidMessageException(what + ": its signature is not canonical base64url");
    }
}
