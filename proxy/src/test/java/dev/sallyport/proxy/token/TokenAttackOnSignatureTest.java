package dev.sallyport.proxy.token;

import static dev.sallyport.proxy.testing.Forge.base64;
import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.token.TestIssuers.BROAD;
import static dev.sallyport.proxy.token.TestIssuers.answer;
import static dev.sallyport.proxy.token.TestIssuers.header;
import static dev.sallyport.proxy.token.TestIssuers.keys;
import static dev.sallyport.proxy.token.TestIssuers.payload;
import static dev.sallyport.proxy.token.TestIssuers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import dev.sallyport.proxy.testing.Forge;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack 56: signatures at the edges of their mathematics, and base64url that two decoders could read differently. */
class TokenAttackOnSignatureTest {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final RSAKey RSA = Forge.rsa("rsa");
    private static final List<ECKey> CURVES =
            List.of(Forge.key("one"), Forge.key(Curve.P_384, "three"), Forge.key(Curve.P_521, "five"));
    private static final Map<String, IssuerKeys> ISSUERS =
            snapshot(keys(BROAD, CURVES.get(0), CURVES.get(1), CURVES.get(2), RSA));

    private static String input(JWK key) {
        String algorithm = Map.of("one", "ES256", "three", "ES384", "five", "ES512", "rsa", "RS256")
                .get(key.getKeyID());
        return Forge.input(
                header("alg", quoted(String.valueOf(algorithm)), "kid", quoted(key.getKeyID())),
                payload("iss", quoted(BROAD)));
    }

    private static byte[] signature(JWK key) {
        String token = Forge.signed(key, input(key));
        return java.util.Base64.getUrlDecoder().decode(token.substring(token.lastIndexOf('.') + 1));
    }

    private static String with(JWK key, byte[] signature) {
        return answer(ISSUERS, input(key) + "." + base64(signature));
    }

    static List<ECKey> curves() {
        return CURVES;
    }

    private static byte[] fixed(BigInteger number, int length) {
        byte[] bytes = new byte[length];
        byte[] minimal = number.toByteArray();
        int skip = Math.max(0, minimal.length - length);
        System.arraycopy(minimal, skip, bytes, length - (minimal.length - skip), minimal.length - skip);
        return bytes;
    }

    private static byte[] pair(BigInteger r, BigInteger s, int length) {
        byte[] both = Arrays.copyOf(fixed(r, length / 2), length);
        System.arraycopy(fixed(s, length / 2), 0, both, length / 2, length / 2);
        return both;
    }

    @ParameterizedTest
    @MethodSource("curves")
    void pairOfNumbersThatIsNoSignatureIsRefused(ECKey key) {
        byte[] good = signature(key);
        int length = good.length;
        BigInteger order = key.getCurve().toECParameterSpec().getOrder();
        BigInteger r = new BigInteger(1, Arrays.copyOf(good, length / 2));
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(good, length / 2, length));
        assertThat(with(key, good)).isEqualTo("verified");
        List<BigInteger> edges = List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                order.subtract(BigInteger.ONE),
                order,
                order.add(BigInteger.ONE),
                order.shiftLeft(1).mod(BigInteger.TWO.pow(4 * length)),
                BigInteger.TWO.pow(4 * length).subtract(BigInteger.ONE));
        for (BigInteger edge : edges) {
            for (BigInteger other : edges) {
                assertThat(with(key, pair(edge, other, length))).isEqualTo("token_signature"); // CVE-2022-21449
            }
            assertThat(with(key, pair(edge, s, length))).isEqualTo("token_signature");
            assertThat(with(key, pair(r, edge, length))).isEqualTo("token_signature");
        }
        assertThat(with(key, pair(s, r, length))).isEqualTo("token_signature");
        if (r.add(order).bitLength() <= 4 * length) {
            assertThat(with(key, pair(r.add(order), s, length))).isEqualTo("token_signature");
        }
        // ECDSA's other half of the same signature: it proves the same claims and nothing more.
        assertThat(with(key, pair(r, order.subtract(s), length))).isEqualTo("verified");
    }

    @ParameterizedTest
    @MethodSource("curves")
    void signatureInAnotherFormOrLengthIsRefused(ECKey key) throws JOSEException {
        byte[] good = signature(key);
        assertThat(with(key, ECDSA.transcodeSignatureToDER(good))).isEqualTo("token_signature");
        assertThat(with(key, concat(new byte[1], good))).isEqualTo("token_signature");
        assertThat(with(key, concat(good, new byte[1]))).isEqualTo("token_signature");
        assertThat(with(key, concat(good, good))).isEqualTo("token_signature");
        for (int length : new int[] {1, 2, 31, 32, 48, 63, 65, 95, 97, 131, 133, 1000}) {
            assertThat(with(key, Arrays.copyOf(good, length)))
                    .as("%d bytes", length)
                    .isEqualTo("token_signature");
            assertThat(with(key, new byte[length])).as("%d zeros", length).isEqualTo("token_signature");
        }
        for (ECKey other : CURVES) {
            if (!other.equals(key)) {
                String token = Forge.signed(other, input(key));
                assertThat(answer(ISSUERS, token)).isEqualTo("token_signature");
            }
        }
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Test
    void rsaSignatureThatIsOneOnlyModuloIsRefused() {
        byte[] good = signature(RSA);
        BigInteger modulus = RSA.getModulus().decodeToBigInteger();
        BigInteger number = new BigInteger(1, good);
        assertThat(with(RSA, good)).isEqualTo("verified");
        for (BigInteger wrong : List.of(
                BigInteger.ZERO, BigInteger.ONE, modulus, modulus.subtract(BigInteger.ONE), modulus.subtract(number))) {
            assertThat(with(RSA, fixed(wrong, 256))).isEqualTo("token_signature");
        }
        assertThat(with(RSA, fixed(number.add(modulus), 257))).isEqualTo("token_signature");
        assertThat(with(RSA, concat(new byte[1], good))).isEqualTo("token_signature");
        assertThat(with(RSA, concat(good, new byte[1]))).isEqualTo("token_signature");
        assertThat(with(RSA, Arrays.copyOf(good, 255))).isEqualTo("token_signature");
        for (JWSAlgorithm other : List.of(JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256)) {
            assertThat(answer(ISSUERS, Forge.signed(RSA, other, input(RSA)))).isEqualTo("token_signature");
        }
    }

    // ---- base64url ----

    /** A good token whose {@code part} ends in unused bits. */
    private static String[] parts() {
        for (int fill = 0; fill < 9; fill++) {
            String token = Forge.token(
                    CURVES.getFirst(),
                    header("x", quoted("x".repeat(fill % 3))),
                    payload("iss", quoted(BROAD), "x", quoted("x".repeat(fill / 3))));
            String[] parts = token.split("\\.", 3);
            if (Stream.of(parts).noneMatch(part -> part.length() % 4 == 0)) {
                return parts;
            }
        }
        throw new AssertionError("no filling leaves bits unused");
    }

    private static String joined(String[] parts, int at, String part) {
        String[] changed = parts.clone();
        changed[at] = part;
        return String.join(".", changed);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void partInAnyOtherSpellingThanItsOnlyOneIsInvalid(int at) {
        String[] parts = parts();
        assertThat(answer(ISSUERS, String.join(".", parts))).isEqualTo("verified");
        String part = parts[at];
        List<String> spellings = new ArrayList<>();
        int last = ALPHABET.indexOf(part.charAt(part.length() - 1));
        int unused = part.length() % 4 == 2 ? 0xf : 0x3;
        for (int bits = 1; bits <= unused; bits++) {
            spellings.add(part.substring(0, part.length() - 1) + ALPHABET.charAt(last ^ bits));
        }
        spellings.addAll(List.of(part + "=", part + "==", part + "===", part + "=A", "=" + part, part + "A===="));
        for (String blank :
                List.of(" ", "\t", "\n", "\r\n", "\f", "\u000b", "\u0000", "\u0085", "\u00a0", "%20", "\\n")) {
            spellings.add(part.substring(0, 4) + blank + part.substring(4));
            spellings.add(at == 0 ? part + blank : blank + part);
        }
        spellings.add(part.substring(0, 5) + "%" + Integer.toHexString(part.charAt(5)) + part.substring(6));
        spellings.add(part.substring(0, 5) + "\u00e9" + part.substring(6));
        for (String spelling : spellings) {
            assertThat(answer(ISSUERS, joined(parts, at, spelling)))
                    .as(spelling)
                    .isEqualTo("token_invalid");
        }
    }

    @Test
    void otherAlphabetIsInvalid() {
        String token = "";
        while (!token.contains("-") || !token.contains("_")) {
            token = Forge.signed(CURVES.getFirst(), input(CURVES.getFirst()));
        }
        assertThat(answer(ISSUERS, token)).isEqualTo("verified");
        assertThat(answer(ISSUERS, token.replace('-', '+'))).isEqualTo("token_invalid");
        assertThat(answer(ISSUERS, token.replace('_', '/'))).isEqualTo("token_invalid");
        assertThat(answer(ISSUERS, token.replace('-', '+').replace('_', '/'))).isEqualTo("token_invalid");
        assertThat(answer(ISSUERS, token.replace(".", "%2E"))).isEqualTo("token_invalid");
        assertThat(answer(ISSUERS, token.replace('.', ':'))).isEqualTo("token_invalid");
        assertThat(answer(ISSUERS, token.toLowerCase(java.util.Locale.ROOT))).isEqualTo("token_invalid");
    }
}
