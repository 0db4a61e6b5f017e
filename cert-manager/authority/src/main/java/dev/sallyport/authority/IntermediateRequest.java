package dev.sallyport.authority;

import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * What we ask somebody else to sign as our intermediate, and whether that is what came back. The name constraint travels in the request: Vault takes it over with the subject and the
 * name ({@code use_csr_values}), while of its own parameters for it some versions know none, and some drop {@code uri_sans}, both without an error.
 */
final class IntermediateRequest {
    private static final int KEY_CERT_SIGN = 5;

    private final KeyPair keys;
    private final TrustDomain trustDomain;
    private final Extensions extensions;

    IntermediateRequest(KeyPair keys, TrustDomain trustDomain) throws IOException {
        this.keys = keys;
        this.trustDomain = trustDomain;
        var wanted = new ExtensionsGenerator();
        wanted.addExtension(CertificateTemplate.constraint(trustDomain));
        wanted.addExtension(CertificateTemplate.ownName(trustDomain));
        this.extensions = wanted.generate();
    }

    /** PKCS#10 in PEM. */
    String pem() throws IOException {
        try {
            byte[] der = new JcaPKCS10CertificationRequestBuilder(
                            CertificateTemplate.authorityName("Sallyport workloads", "intermediate"), keys.getPublic())
                    .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions)
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
            return Pem.encode("CERTIFICATE REQUEST", der);
        } catch (OperatorCreationException e) {
            throw new IOException("signing request: " + e.getMessage(), e);
        }
    }

    /** The first certificate of {@code pem}, if it is what was asked for in all that makes a key of ours safe to use and use to lose. Its chain is not looked at here. */
    X509Certificate check(String pem) throws IOException {
        X509Certificate certificate;
        try {
            certificate = Pem.certificates(pem).getFirst();
        } catch (SvidRejectedException e) {
            throw new IOException("signed intermediate: " + e.getMessage(), e);
        }
        boolean[] usage = Optional.ofNullable(certificate.getKeyUsage()).orElse(new boolean[KEY_CERT_SIGN + 1]);
        demand(certificate.getPublicKey().equals(keys.getPublic()), "another key", "that of the request");
        demand(certificate.getBasicConstraints() >= 0 && usage[KEY_CERT_SIGN], "no CA", "CA:true and keyCertSign");
        demand(
                certificate.getBasicConstraints() == 0,
                "path length " + certificate.getBasicConstraints(),
                "0: whoever has its key makes no further CA");
        demand(
                carries(certificate, Extension.subjectAlternativeName.getId()),
                "without its name or with another",
                trustDomain.uri());
        demand(
                carries(certificate, Extension.nameConstraints.getId())
                        && critical(certificate).contains(Extension.nameConstraints.getId()),
                "without its name constraint",
                "critical, " + trustDomain.name() + ": whoever has its key signs for no other trust domain");
        return certificate;
    }

    private boolean carries(X509Certificate certificate, String oid) throws IOException {
        Extension asked = extensions.getExtension(new ASN1ObjectIdentifier(oid));
        byte[] expected = new DEROctetString(asked.getExtnValue().getOctets()).getEncoded(ASN1Encoding.DER);
        return Arrays.equals(certificate.getExtensionValue(oid), expected);
    }

    private static Set<String> critical(X509Certificate certificate) {
        return Optional.ofNullable(certificate.getCriticalExtensionOIDs()).orElse(Set.of());
    }

    private static void demand(boolean holds, String found, String expected) throws IOException {
        if (!holds) {
            throw new IOException("signed intermediate: " + found + " (expected: " + expected + ")");
        }
    }
}
