package dev.sallyport.authority;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/**
 * A stranger's PKCS#10 request, reduced to the one thing that is taken from it: a P-256 key whose owner signed the
 * request. Subject, names and wished-for extensions are ignored. RFC 2986.
 */
record SigningRequest(PublicKey publicKey) {
    private static final int MAX_BYTES = 8 * 1024;

    /** 0x04, x, y. Compressed points and hybrids have no place in a certificate. RFC 5480 section 2.2. */
    private static final int POINT_BYTES = 65;

    static SigningRequest parse(byte[] der) throws IssuanceRefusedException {
        if (der.length > MAX_BYTES) {
            throw new IssuanceRefusedException(
                    "signing request: " + der.length + " bytes (expected: <= " + MAX_BYTES + ")");
        }
        PKCS10CertificationRequest request = decode(der);
        checkKey(request.getSubjectPublicKeyInfo());
        checkPossession(request);
        try {
            byte[] key = request.getSubjectPublicKeyInfo().getEncoded(ASN1Encoding.DER);
            return new SigningRequest(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(key)));
        } catch (GeneralSecurityException | IOException e) {
            throw new IssuanceRefusedException(
                    "signing request key: does not parse (expected: an EC P-256 public key)");
        }
    }

    private static PKCS10CertificationRequest decode(byte[] der) throws IssuanceRefusedException {
        try {
            var request = new PKCS10CertificationRequest(der);
            // One encoding per request: the byte string that is judged is the one that could be compared or stored.
            if (Arrays.equals(request.toASN1Structure().getEncoded(ASN1Encoding.DER), der)) {
                return request;
            }
        } catch (IOException | RuntimeException e) {
            // Falls through to one message: what a parser says of hostile bytes helps nobody.
        }
        throw new IssuanceRefusedException(
                "signing request: " + der.length + " bytes that do not parse (expected: PKCS#10 in DER)");
    }

    private static void checkKey(SubjectPublicKeyInfo key) throws IssuanceRefusedException {
        AlgorithmIdentifier algorithm = key.getAlgorithm();
        if (key.getPublicKeyData().getPadBits() != 0) { // getOctets() throws for these
            throw new IssuanceRefusedException(
                    "signing request key: not whole octets (expected: EC P-256, uncompressed)");
        }
        byte[] point = key.getPublicKeyData().getOctets();
        boolean p256 = algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
                && SECObjectIdentifiers.secp256r1.equals(algorithm.getParameters());
        if (!p256 || point.length != POINT_BYTES || point[0] != 4) {
            throw new IssuanceRefusedException("signing request key: algorithm " + algorithm.getAlgorithm() + ", "
                    + point.length + " bytes (expected: EC on the named curve P-256, uncompressed)");
        }
        try {
            CustomNamedCurves.getByOID(SECObjectIdentifiers.secp256r1)
                    .getCurve()
                    .decodePoint(point);
        } catch (IllegalArgumentException e) {
            throw new IssuanceRefusedException(
                    "signing request key: a point off the curve (expected: a point of P-256)");
        }
    }

    /** By Bouncy Castle's own arithmetic, four times as fast as the platform's, which matters when a fleet renews; nothing secret is in it. Its JCA bridge would check each signature twice. */
    private static void checkPossession(PKCS10CertificationRequest request) throws IssuanceRefusedException {
        var algorithm = request.getSignatureAlgorithm().getAlgorithm();
        if (!algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA256)) {
            throw new IssuanceRefusedException(
                    "signing request signature: algorithm " + algorithm + " (expected: ecdsa-with-SHA256)");
        }
        try {
            var key = PublicKeyFactory.createKey(request.getSubjectPublicKeyInfo());
            var verifier =
                    new BcECContentVerifierProviderBuilder(new DefaultDigestAlgorithmIdentifierFinder()).build(key);
            if (request.isSignatureValid(verifier)) {
                return;
            }
        } catch (IOException | OperatorCreationException | PKCSException | RuntimeException e) {
            // Falls through: a signature that cannot be checked is none.
        }
        throw new IssuanceRefusedException(
                "signing request signature: wrong (expected: made by the key of the request, which proves possession)");
    }
}
