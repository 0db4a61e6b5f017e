package dev.sallyport.server.issuer;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One published key, read into a key that holds its public parameters, id and algorithm and nothing else; or why it cannot serve. RFC 7517, RFC 7518 section 6.
 */
final class KeyReader {
    /** Shorter RSA keys are not trusted with anybody's identity (RFC 7518 section 3.3); a longer one is made to make verification slow. */
    private static final int RSA_BITS_MIN = 2048;

    private static final int RSA_BITS_MAX = 8192;
    private static final int EXPONENT_BITS_MAX = 33;
    private static final int ID_CHARACTERS_MAX = 256;
    /** RFC 7518 sections 6.2.2 and 6.3.2, and {@code priv} of AKP keys. */
    private static final List<String> PRIVATE_MEMBERS = List.of("d", "p", "q", "dp", "dq", "qi", "oth", "priv");

    private static final Map<String, String> ALGORITHM_BY_CURVE =
            Map.of("P-256", "ES256", "P-384", "ES384", "P-521", "ES512");

    /** Why a key cannot serve. */
    static final class UnusableKeyException extends Exception {
        private static final long serialVersionUID = 1;
        final boolean compromised;

        private UnusableKeyException(String reason, boolean compromised) {
            super(reason, null, false, false);
            this.compromised = compromised;
        }

        private UnusableKeyException(String reason) {
            this(reason, false);
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }

    private final List<String> algorithms;

    /** {@code algorithms}: those that the Mesh accepts from this issuer. */
    KeyReader(List<String> algorithms) {
        this.algorithms = List.copyOf(algorithms);
    }

    JWK read(JsonNode key) throws UnusableKeyException {
        String kind = PublishedJson.text(key, "kty");
        if (kind.equals("oct")) {
            throw new UnusableKeyException("kty: oct: whoever can check with it can sign with it");
        }
        for (String member : PRIVATE_MEMBERS) {
            if (key.has(member)) {
                throw new UnusableKeyException(member + ": the private key is published, everyone can sign", true);
            }
        }
        if (key.has("use") && !PublishedJson.text(key, "use").equals("sig")) {
            throw new UnusableKeyException("use: " + shown(key, "use") + " (expected: sig)");
        }
        if (key.has("key_ops") && !contains(key.path("key_ops"), "verify")) {
            throw new UnusableKeyException("key_ops: " + shown(key, "key_ops") + " (expected: verify among them)");
        }
        return switch (kind) {
            case "EC" -> curve(key);
            case "RSA" -> rsa(key);
            default -> throw new UnusableKeyException("kty: " + shown(key, "kty") + " (expected: EC or RSA)");
        };
    }

    private JWK curve(JsonNode key) throws UnusableKeyException {
        String name = PublishedJson.text(key, "crv");
        String algorithm = ALGORITHM_BY_CURVE.get(name);
        if (algorithm == null) {
            throw new UnusableKeyException("crv: " + shown(key, "crv") + " (expected: P-256, P-384 or P-521)");
        }
        Optional<JWSAlgorithm> only =
                algorithm(key, algorithms.stream().filter(algorithm::equals).toList());
        try {
            return new ECKey.Builder(Curve.parse(name), coordinate(key, "x"), coordinate(key, "y"))
                    .keyID(id(key))
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(only.orElse(null))
                    .build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UnusableKeyException("x, y: no point of " + name); // Nimbus checks that it lies on the curve.
        }
    }

    private JWK rsa(JsonNode key) throws UnusableKeyException {
        BigInteger modulus = number(key, "n");
        BigInteger exponent = number(key, "e");
        // The number's own bits: zeros in front would make a short key long.
        if (modulus.bitLength() < RSA_BITS_MIN || modulus.bitLength() > RSA_BITS_MAX) {
            throw new UnusableKeyException(
                    "n: " + modulus.bitLength() + " bits (expected: " + RSA_BITS_MIN + " to " + RSA_BITS_MAX + ")");
        }
        // With e = 1 every text is its own signature.
        if (exponent.compareTo(BigInteger.TWO) <= 0
                || !exponent.testBit(0)
                || exponent.bitLength() > EXPONENT_BITS_MAX) {
            throw new UnusableKeyException("e (expected: odd, at least 3, at most " + EXPONENT_BITS_MAX + " bits)");
        }
        List<String> fitting = algorithms.stream()
                .filter(name -> name.startsWith("RS") || name.startsWith("PS"))
                .toList();
        return new RSAKey.Builder(Base64URL.encode(modulus), Base64URL.encode(exponent))
                .keyID(id(key))
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(algorithm(key, fitting).orElse(null))
                .build();
    }

    /** The one that the key names; empty when it names none. RFC 8725 section 3.1: a key serves the algorithms that the Mesh says, of those that fit its kind. */
    private Optional<JWSAlgorithm> algorithm(JsonNode key, List<String> fitting) throws UnusableKeyException {
        String named = PublishedJson.text(key, "alg");
        boolean silent = !key.has("alg");
        if (fitting.isEmpty() || (!silent && !fitting.contains(named))) {
            throw new UnusableKeyException((silent ? PublishedJson.text(key, "kty") : "alg: " + shown(key, "alg"))
                    + " (expected: for one of the issuer's algorithms, " + String.join(", ", algorithms) + ")");
        }
        return silent ? Optional.empty() : Optional.of(JWSAlgorithm.parse(named));
    }

    /** Null as Nimbus wants it: a key may have none. */
    private static @Nullable String id(JsonNode key) throws UnusableKeyException {
        if (!key.has("kid")) {
            return null;
        }
        String id = PublishedJson.text(key, "kid");
        if (id.isEmpty() || id.length() > ID_CHARACTERS_MAX) {
            throw new UnusableKeyException("kid (expected: text of 1 to " + ID_CHARACTERS_MAX + " characters)");
        }
        return id;
    }

    private static Base64URL coordinate(JsonNode key, String member) {
        return new Base64URL(PublishedJson.text(key, member));
    }

    private static BigInteger number(JsonNode key, String member) {
        return new Base64URL(PublishedJson.text(key, member)).decodeToBigInteger();
    }

    private static boolean contains(JsonNode list, String wanted) {
        for (JsonNode each : list) {
            if (each.isTextual() && each.textValue().equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static String shown(JsonNode key, String member) {
        return Shown.word(
                key.path(member).isTextual()
                        ? key.path(member).textValue()
                        : key.path(member).toString());
    }
}
