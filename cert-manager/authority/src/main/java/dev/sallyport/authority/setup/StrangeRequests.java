package dev.sallyport.authority.setup;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Signing requests that no sidecar sends, to see what a role makes of them. PEM. */
final class StrangeRequests {
    static final String NAME = "sallyport-probe-name";

    private StrangeRequests() {}

    /** With a common name. */
    static String named(String name) {
        return request(new X500Name("CN=" + name), CertificateSigningRequest.newKeyPair(), "SHA256withECDSA");
    }

    /** With a key that no role of ours takes. */
    static String ed25519() {
        try {
            return request(
                    new X500Name(""), KeyPairGenerator.getInstance("Ed25519").generateKeyPair(), "Ed25519");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform of this version has Ed25519", e);
        }
    }

    private static String request(X500Name subject, KeyPair keys, String algorithm) {
        try {
            return Pem.encode(
                    "CERTIFICATE REQUEST",
                    new JcaPKCS10CertificationRequestBuilder(subject, keys.getPublic())
                            .build(new JcaContentSignerBuilder(algorithm).build(keys.getPrivate()))
                            .getEncoded());
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("a key of our own can sign", e);
        }
    }
}
