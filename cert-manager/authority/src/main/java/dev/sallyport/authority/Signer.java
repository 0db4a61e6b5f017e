package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A CA certificate with its P-256 key, and what lies between it and its root, lowest first: usually nothing. At rest all of it is one file, so that nothing is ever there without the
 * rest: the certificates as PEM, then the key as PKCS#8 sealed by {@link KeyEncryption} under the first one's fingerprint.
 */
final class Signer {
    private static final String SEALED_KEY = "SALLYPORT SEALED KEY";

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final List<X509Certificate> above;

    private Signer(X509Certificate certificate, PrivateKey key, List<X509Certificate> above) {
        this.certificate = certificate;
        this.key = key;
        this.above = List.copyOf(above);
    }

    /** For a key of ours that somebody else has certified. */
    static Signer certified(X509Certificate certificate, PrivateKey key, List<X509Certificate> above) {
        return new Signer(certificate, key, above);
    }

    /** How a new CA certificate is to look, given its key. */
    @FunctionalInterface
    interface Template {
        X509v3CertificateBuilder of(PublicKey key) throws IOException;
    }

    static Signer selfSigned(Template template) throws IOException {
        KeyPair pair = CertificateSigningRequest.newKeyPair();
        return new Signer(
                sign(template.of(pair.getPublic()), pair.getPublic(), pair.getPrivate(), pair.getPublic()),
                pair.getPrivate(),
                List.of());
    }

    /** For a key that is not here: whoever signs it over keeps everything but the signature and, unless it is its own, the issuer with its key identifier. */
    static X509Certificate selfIssued(X509v3CertificateBuilder builder, PublicKey subjectKey) throws IOException {
        KeyPair throwAway = CertificateSigningRequest.newKeyPair();
        return sign(builder, subjectKey, throwAway.getPrivate(), subjectKey);
    }

    /** A further signer below this one. */
    Signer certify(Template template) throws IOException {
        KeyPair pair = CertificateSigningRequest.newKeyPair();
        return new Signer(sign(template.of(pair.getPublic()), pair.getPublic()), pair.getPrivate(), List.of());
    }

    /** Adds both key identifiers, then signs with ecdsa-with-SHA256. */
    X509Certificate sign(X509v3CertificateBuilder builder, PublicKey subjectKey) throws IOException {
        return sign(builder, subjectKey, key, certificate.getPublicKey());
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** The certificate and what is above it, without the root. */
    List<X509Certificate> chain() {
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        chain.addAll(above);
        return chain;
    }

    /** Within its dates, of which the last second is none that could be used. */
    boolean isValidAt(Instant now) {
        return !now.isBefore(validity().notBefore()) && now.isBefore(validity().notAfter());
    }

    X500Name name() throws IOException {
        return encodedName(certificate);
    }

    Validity validity() {
        return new Validity(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    void store(Path file, KeyEncryption encryption) throws IOException {
        byte[] pkcs8 = key.getEncoded();
        try {
            String text = Pem.encode(chain()) + Pem.encode(SEALED_KEY, encryption.encrypt(pkcs8, context(certificate)));
            PrivateFiles.write(file, text.getBytes(StandardCharsets.US_ASCII));
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    static Signer load(Path file, KeyEncryption encryption) throws IOException {
        String text = new String(PrivateFiles.read(file), StandardCharsets.US_ASCII);
        String begin = "-----BEGIN " + SEALED_KEY + "-----\n";
        int key = text.indexOf(begin);
        int end = text.indexOf("-----END " + SEALED_KEY + "-----\n");
        if (key < 0 || end < key) {
            throw malformed(file, "a certificate followed by its sealed key");
        }
        try {
            List<X509Certificate> certificates = Pem.certificates(text.substring(0, key));
            byte[] sealed = Base64.getMimeDecoder().decode(text.substring(key + begin.length(), end));
            X509Certificate certificate = certificates.getFirst();
            List<X509Certificate> above = certificates.subList(1, certificates.size());
            Signer signer = new Signer(certificate, open(sealed, context(certificate), encryption), above);
            if (certificate.getBasicConstraints() < 0 || !signer.consistent()) {
                throw malformed(file, "a CA certificate, what is above it, and its own key");
            }
            return signer;
        } catch (SvidRejectedException e) {
            throw new IOException("authority file: " + file + ": " + e.getMessage(), e);
        }
    }

    private static PrivateKey open(byte[] sealed, String context, KeyEncryption encryption) throws IOException {
        byte[] pkcs8 = encryption.decrypt(sealed, context);
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new IOException("sealed key " + context + ": not a key (expected: PKCS#8 of an EC key)");
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    /** The fingerprint ties the key to this certificate: neither can be exchanged alone. */
    private static String context(X509Certificate certificate) {
        return "sallyport/authority/" + X509Svid.fingerprintOf(certificate);
    }

    private boolean consistent() {
        byte[] probe = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static X509Certificate sign(
            X509v3CertificateBuilder builder, PublicKey subjectKey, PrivateKey issuerKey, PublicKey issuerPublicKey)
            throws IOException {
        try {
            var identifiers = new JcaX509ExtensionUtils();
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(subjectKey));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(issuerPublicKey));
            var holder = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey));
            return new JcaX509CertificateConverter().getCertificate(holder);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("certificate: cannot be signed: " + e.getMessage(), e);
        }
    }

    static X500Name encodedName(X509Certificate certificate) throws IOException {
        try {
            return new JcaX509CertificateHolder(certificate).getSubject();
        } catch (CertificateException e) {
            throw new IOException("certificate: " + e.getMessage(), e);
        }
    }

    private static IOException malformed(Path file, String expected) {
        return new IOException("authority file: " + file + " (expected: " + expected + "; restore it from a backup)");
    }

    /** The certificate's serial; never the key. */
    @Override
    public String toString() {
        return "signer " + X509Svid.serialOf(certificate);
    }
}
