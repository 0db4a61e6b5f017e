package dev.sallyport.authority.vault;

import dev.sallyport.identity.CertificateSigningRequest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates and tokens by which a test proves who it is, or who the server is. */
public final class Forged {
    private Forged() {}

    /** A certificate with its key. */
    public record Certified(X509Certificate certificate, KeyPair keys) {}

    /** Self-signed; of a server at 127.0.0.1, or of a CA. */
    public static Certified selfSigned(String name, boolean ca) throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        var builder = builder(new X500Name("CN=" + name), new X500Name("CN=" + name), keys)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
        if (!ca) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
        }
        return new Certified(
                new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))),
                keys);
    }

    /** For TLS clients. */
    public static Certified client(String name, Certified ca) throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        X500Name issuer =
                new X500Name(ca.certificate().getSubjectX500Principal().getName());
        var builder = builder(issuer, new X500Name("CN=" + name), keys)
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
        return new Certified(
                new JcaX509CertificateConverter()
                        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                                .build(ca.keys().getPrivate()))),
                keys);
    }

    /** ES256, in the form of a Kubernetes service account's. */
    public static String jwt(PrivateKey key, String subject, String audience, Instant end) throws Exception {
        String head = base64("{\"alg\":\"ES256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
        String claims = base64("""
                {"iss":"https://cluster.example","sub":"%s","aud":["%s"],"iat":%d,"nbf":%d,"exp":%d}""".formatted(
                        subject, audience, end.getEpochSecond() - 600, end.getEpochSecond() - 600, end.getEpochSecond())
                .getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key);
        signature.update((head + "." + claims).getBytes(StandardCharsets.US_ASCII));
        return head + "." + claims + "." + base64(signature.sign());
    }

    private static JcaX509v3CertificateBuilder builder(X500Name issuer, X500Name subject, KeyPair keys) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.valueOf(now.toEpochMilli()),
                Date.from(now.minusSeconds(3600)),
                Date.from(now.plusSeconds(86_400)),
                subject,
                keys.getPublic());
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
