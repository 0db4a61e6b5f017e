package dev.sallyport.proxy.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Compact JWS of exactly the octets that a test wants, whether they make sense or not: what is wrong with a token is then never its signature, unless the test wants that too. */
public final class Forge {
    private Forge() {}

    /** Of P-256. */
    public static ECKey key(String id) {
        return key(Curve.P_256, id);
    }

    public static ECKey key(Curve curve, String id) {
        try {
            return new ECKeyGenerator(curve).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** Of 2048 bits. */
    public static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** base64url without padding of the UTF-8. */
    public static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A JSON string; escapes what JSON wants escaped. */
    public static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            json.append(c < 0x20 || c == '"' || c == '\\' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
        }
        return json.append('"').toString();
    }

    /** A JSON object, in the order of the names. {@code changes}: name, then its JSON, or nothing to leave the member out. */
    public static String object(Map<String, String> members, String... changes) {
        Map<String, String> all = new TreeMap<>(members);
        for (int i = 0; i < changes.length; i += 2) {
            all.put(changes[i], changes[i + 1]);
        }
        StringJoiner json = new StringJoiner(",", "{", "}");
        all.forEach((name, value) -> {
            if (!value.isEmpty()) {
                json.add(quoted(name) + ":" + value);
            }
        });
        return json.toString();
    }

    /** What is signed: both as UTF-8. */
    public static String input(String header, String payload) {
        return base64(header) + "." + base64(payload);
    }

    /** Signed as the key would do it, whatever the header says: ES256, ES384 or ES512 by its curve, RS256. */
    public static String token(JWK key, String header, String payload) {
        return signed(key, input(header, payload));
    }

    /** {@code input} with its signature. */
    public static String signed(JWK key, String input) {
        return signed(key, natural(key), input);
    }

    public static String signed(JWK key, JWSAlgorithm algorithm, String input) {
        try {
            return input + "."
                    + signer(key).sign(new JWSHeader(algorithm), input.getBytes(StandardCharsets.ISO_8859_1));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static JWSAlgorithm natural(JWK key) {
        if (key instanceof ECKey curve) {
            return curve.getCurve().equals(Curve.P_256)
                    ? JWSAlgorithm.ES256
                    : curve.getCurve().equals(Curve.P_384) ? JWSAlgorithm.ES384 : JWSAlgorithm.ES512;
        }
        return JWSAlgorithm.RS256;
    }

    private static JWSSigner signer(JWK key) throws JOSEException {
        return key instanceof ECKey curve ? new ECDSASigner(curve) : new RSASSASigner((RSAKey) key);
    }
}
