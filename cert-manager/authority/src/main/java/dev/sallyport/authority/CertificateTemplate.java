package dev.sallyport.authority;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;

/** The four kinds of certificate that are ever made here, each with all its extensions but the two key identifiers. */
final class CertificateTemplate {
    /** Below the 20 octets of RFC 5280 section 4.1.2.2, above the 64 bits that forgers of hash collisions must not guess. */
    private static final int SERIAL_BITS = 128;

    private static final SecureRandom RANDOM = new SecureRandom();

    private CertificateTemplate() {}

    /** Start and end of a certificate; whole seconds, as X.509 counts. */
    record Validity(Instant notBefore, Instant notAfter) {
        Validity {
            notBefore = notBefore.truncatedTo(ChronoUnit.SECONDS);
            notAfter = notAfter.truncatedTo(ChronoUnit.SECONDS);
        }

        Duration length() {
            return Duration.between(notBefore, notAfter);
        }
    }

    /** Whom a certificate names, and who signs it. */
    record Names(X500Name issuer, X500Name subject) {}

    /** With a random part: no two authorities share a name, so that comparing names finds the right one. */
    static X500Name authorityName(String organization, String role) {
        String unique = HexFormat.of().toHexDigits(RANDOM.nextLong());
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, organization)
                .addRDN(BCStyle.CN, role + " " + unique)
                .build();
    }

    /** Path validation with URI constraints fails on an underscore (RFC 5280 section 4.2.1.10 wants a host name). */
    static void checkConstrainable(TrustDomain trustDomain) throws IOException {
        if (trustDomain.name().contains("_")) {
            throw new IOException("trust domain: " + trustDomain
                    + " (expected: no underscore; name constraints on it cannot be verified)");
        }
    }

    /**
     * A signer of workload certificates, chained to the names of one trust domain: even with its key in the wrong hands
     * it can sign nothing for another. Critical, so that a verifier that cannot check this refuses (RFC 5280 section 4.2.1.10).
     */
    static X509v3CertificateBuilder workloadAuthority(
            Names names, Validity validity, PublicKey key, TrustDomain trustDomain, int pathLength)
            throws CertIOException {
        return authority(names, validity, key, pathLength)
                .addExtension(constraint(trustDomain))
                .addExtension(ownName(trustDomain));
    }

    static Extension constraint(TrustDomain trustDomain) throws CertIOException {
        GeneralName host = new GeneralName(GeneralName.uniformResourceIdentifier, trustDomain.name());
        return extension(
                Extension.nameConstraints,
                true,
                new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(host)}, null));
    }

    /** An authority is named by its trust domain; SPIFFE X509-SVID section 3. */
    static Extension ownName(TrustDomain trustDomain) throws CertIOException {
        return extension(Extension.subjectAlternativeName, false, uri(trustDomain.uri()));
    }

    private static Extension extension(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value)
            throws CertIOException {
        try {
            return new Extension(oid, critical, value.toASN1Primitive().getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new CertIOException("extension " + oid + ": " + e.getMessage(), e);
        }
    }

    /** A signer of people's certificates; it signs them directly. */
    static X509v3CertificateBuilder peopleAuthority(Names names, Validity validity, PublicKey key)
            throws CertIOException {
        return authority(names, validity, key, 0);
    }

    /** X509-SVID sections 2 and 4. The name is critical because the subject is empty (RFC 5280 section 4.2.1.6). */
    static X509v3CertificateBuilder workload(X500Name issuer, Validity validity, PublicKey key, SpiffeId id)
            throws CertIOException {
        KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
        return leaf(new Names(issuer, new X500Name(new RDN[0])), validity, key, purposes)
                .addExtension(Extension.subjectAlternativeName, true, uri(id.toString()));
    }

    /** For clients only, and without any SPIFFE ID. */
    static X509v3CertificateBuilder person(Names names, Validity validity, PublicKey key) throws CertIOException {
        return leaf(names, validity, key, KeyPurposeId.id_kp_clientAuth);
    }

    private static X509v3CertificateBuilder authority(Names names, Validity validity, PublicKey key, int pathLength)
            throws CertIOException {
        return builder(names, validity, key)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    private static X509v3CertificateBuilder leaf(
            Names names, Validity validity, PublicKey key, KeyPurposeId... purposes) throws CertIOException {
        return builder(names, validity, key)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    }

    private static X509v3CertificateBuilder builder(Names names, Validity validity, PublicKey key) {
        return new JcaX509v3CertificateBuilder(
                names.issuer(),
                new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
                Date.from(validity.notBefore()),
                Date.from(validity.notAfter()),
                names.subject(),
                key);
    }

    private static GeneralNames uri(String uri) {
        return new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
    }
}
