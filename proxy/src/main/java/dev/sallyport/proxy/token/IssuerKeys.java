package dev.sallyport.proxy.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.policy.Mesh;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An issuer of the Mesh with its public signing keys, ready to verify. Keys that cannot verify safely (symmetric, not for signatures, RSA below 2048 bits) are left out: the algorithm
 * follows from the key, never from the token alone (RFC 8725 section 3.1). Immutable; any thread.
 */
public final class IssuerKeys {
    private static final int RSA_BITS_MIN = 2048;
    private static final int KEYS_MAX = 100;

    private final Mesh.Issuer issuer;
    private final List<Key> keys;

    /** A key with its verifier and the algorithms that fit it; {@code text}: its JWK, by which it is known again in the next snapshot. */
    record Key(Optional<String> id, JWSVerifier verifier, Optional<String> only, String text) {
        boolean fits(JWSAlgorithm algorithm) {
            return verifier.supportedJWSAlgorithms().contains(algorithm)
                    && only.map(algorithm.getName()::equals).orElse(true);
        }
    }

    private IssuerKeys(Mesh.Issuer issuer, List<Key> keys) {
        this.issuer = issuer;
        this.keys = List.copyOf(keys);
    }

    /** {@code jwks} is JSON text (RFC 7517); at most 100 keys. */
    public static IssuerKeys of(Mesh.Issuer issuer, String jwks) throws InvalidMessageException {
        try {
            List<JWK> parsed = JWKSet.parse(jwks).getKeys();
            if (parsed.size() > KEYS_MAX) {
                throw new InvalidMessageException(
                        "keys." + issuer.name() + ": " + parsed.size() + " keys (expected: at most " + KEYS_MAX + ")");
            }
            List<Key> usable = new ArrayList<>();
            for (JWK key : parsed) {
                if (forSignatures(key)) {
                    verifier(key)
                            .ifPresent(verifier -> usable.add(new Key(
                                    Optional.ofNullable(key.getKeyID()),
                                    verifier,
                                    Optional.ofNullable(key.getAlgorithm()).map(algorithm -> algorithm.getName()),
                                    key.toPublicJWK().toJSONString())));
                }
            }
            return new IssuerKeys(issuer, usable);
        } catch (ParseException e) {
            throw new InvalidMessageException(
                    "keys." + issuer.name() + ": not a JWKS (expected: RFC 7517 JSON): " + e.getMessage());
        }
    }

    /** RFC 7517 sections 4.2 and 4.3: a key may say what it is for, and one that names other uses was not given to anybody to trust its signatures. */
    private static boolean forSignatures(JWK key) {
        return (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
                && (key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY));
    }

    private static Optional<JWSVerifier> verifier(JWK key) {
        try {
            return switch (key) {
                case ECKey curve -> Optional.of(new ECDSAVerifier(curve.toPublicJWK()));
                case RSAKey rsa when isSound(rsa) -> Optional.of(new RSASSAVerifier(rsa.toPublicJWK()));
                default -> Optional.empty();
            };
        } catch (JOSEException e) {
            return Optional
                    .empty(); // A curve or an exponent that this platform does not do: as if the key were not there.
        }
    }

    /** Of the number itself: zeros before it make no key longer. An even exponent, or 1, is none. RFC 7518 section 3.3, RFC 8017 section 3.1. */
    private static boolean isSound(RSAKey rsa) {
        BigInteger exponent = rsa.getPublicExponent().decodeToBigInteger();
        return rsa.getModulus().decodeToBigInteger().bitLength() >= RSA_BITS_MIN
                && exponent.testBit(0)
                && exponent.bitLength() > 1;
    }

    public Mesh.Issuer issuer() {
        return issuer;
    }

    /** The one key with this id; none when two share it, because then the id names nothing. */
    Optional<Key> byId(String keyId) {
        List<Key> named = keys.stream()
                .filter(key -> key.id().filter(keyId::equals).isPresent())
                .toList();
        return named.size() == 1 ? Optional.of(named.getFirst()) : Optional.empty();
    }

    /** The only key there is, for tokens without {@code kid}. */
    Optional<Key> only() {
        return keys.size() == 1 ? Optional.of(keys.getFirst()) : Optional.empty();
    }

    /** The same issuer, declared alike, with the same keys. */
    boolean isLike(@Nullable IssuerKeys other) {
        return other != null
                && issuer.equals(other.issuer)
                && keys.stream()
                        .map(Key::text)
                        .toList()
                        .equals(other.keys.stream().map(Key::text).toList());
    }

    /** Whether it is among these, under its id. */
    boolean holds(Key key) {
        return keys.stream().anyMatch(own -> own.text().equals(key.text()));
    }

    /** How many keys can verify. */
    public int size() {
        return keys.size();
    }
}
