package dev.sallyport.identity;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.List;
import java.util.Set;

/** Which keys and signatures count as proof. The platform's own list still admits SHA-1 and RSA of 1024 bits outside the Web's PKI. */
final class KeyPolicy {
    private static final Set<String> SIGNATURES = Set.of(
            "SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA", "SHA256withRSA", "SHA384withRSA", "SHA512withRSA");

    private static final ECParameterSpec P256 = curve("secp256r1");
    private static final List<ECParameterSpec> CURVES = List.of(P256, curve("secp384r1"), curve("secp521r1"));

    /** NIST SP 800-57 part 1: 112 bits of security, the least that is still acceptable. */
    private static final int RSA_BITS_MIN = 2048;

    /** Twice what anybody uses; the work of a verification grows with the square. */
    private static final int RSA_BITS_MAX = 8192;

    /** FIPS 186-5 A.1.1: e of 65537 at least; small exponents turn padding mistakes into forgeries. */
    private static final BigInteger RSA_EXPONENT_MIN = BigInteger.valueOf(65537);

    /** As in BoringSSL: the work of a verification grows with the exponent, too. */
    private static final int RSA_EXPONENT_BITS_MAX = 33;

    private KeyPolicy() {}

    static boolean isP256(Key key) {
        return key instanceof ECKey ec && same(ec.getParams(), P256);
    }

    /** Refuses a certificate whose key or signature algorithm is too weak for any place in a chain. */
    static void check(X509Certificate certificate) throws SvidRejectedException {
        if (!SIGNATURES.contains(certificate.getSigAlgName())) {
            throw new SvidRejectedException(
                    SvidRejectedException.Reason.UNTRUSTED,
                    "certificate signature: " + Shown.of(certificate.getSigAlgName())
                            + " (expected: ECDSA or RSA with SHA-256, SHA-384 or SHA-512)");
        }
        if (!strong(certificate.getPublicKey())) {
            throw new SvidRejectedException(
                    SvidRejectedException.Reason.UNTRUSTED,
                    "certificate key: " + Shown.of(certificate.getPublicKey().getAlgorithm())
                            + " (expected: EC P-256, P-384, P-521, or RSA of 2048..8192 bits with an exponent of 65537 or more, but <= 33 bits)");
        }
    }

    private static boolean strong(Key key) {
        return switch (key) {
            case ECKey ec -> CURVES.stream().anyMatch(curve -> same(ec.getParams(), curve));
            case RSAPublicKey rsa ->
                rsa.getModulus().bitLength() >= RSA_BITS_MIN
                        && rsa.getModulus().bitLength() <= RSA_BITS_MAX
                        && rsa.getPublicExponent().bitLength() <= RSA_EXPONENT_BITS_MAX
                        && rsa.getPublicExponent().compareTo(RSA_EXPONENT_MIN) >= 0;
            default -> false;
        };
    }

    private static boolean same(ECParameterSpec a, ECParameterSpec b) {
        return a.getCurve().equals(b.getCurve())
                && a.getGenerator().equals(b.getGenerator())
                && a.getOrder().equals(b.getOrder())
                && a.getCofactor() == b.getCofactor();
    }

    private static ECParameterSpec curve(String name) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(name));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform of this version has " + name, e);
        }
    }
}
