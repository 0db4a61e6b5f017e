package dev.sallyport.benchmarks.pair;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * One root and P-256 leaves with a SPIFFE ID, the same for every pair. Not of the embedded authority, whose leaves have no DNS name: without one nginx cannot verify the server that it calls ({@code proxy_ssl_verify}).
 */
final class Certificates {
    private static final Duration LIFE = Duration.ofDays(2);

    private final KeyPair root = CertificateSigningRequest.newKeyPair();
    private final X500Name name = new X500Name("CN=bench root");
    private final SecureRandom random = new SecureRandom();

    /** Writes {@code ca.pem} and, for each service, {@code SERVICE.pem} and {@code SERVICE.key}. */
    static void write(Path folder, List<String> services) throws IOException {
        write(folder, services, services.getFirst(), 0);
    }

    /** And so many more of one service, {@code SERVICE-1.pem} and so on. */
    static void write(Path folder, List<String> services, String one, int more) throws IOException {
        try {
            Certificates certificates = new Certificates();
            Files.writeString(folder.resolve("ca.pem"), Pem.encode(List.of(certificates.root())));
            for (String service : services) {
                certificates.write(folder, service, service);
            }
            for (int i = 1; i <= more; i++) {
                certificates.write(folder, one + "-" + i, one);
            }
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IOException("certificates: " + e.getMessage(), e);
        }
    }

    private void write(Path folder, String name, String service)
            throws IOException, OperatorCreationException, GeneralSecurityException {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        Files.writeString(folder.resolve(name + ".pem"), Pem.encode(List.of(leaf(service, keys))));
        Path key = Files.createFile(
                folder.resolve(name + ".key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, Pem.encode(keys.getPrivate()));
    }

    private X509Certificate root() throws IOException, OperatorCreationException, GeneralSecurityException {
        return signed(builder(name, root)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)));
    }

    private X509Certificate leaf(String service, KeyPair keys)
            throws IOException, OperatorCreationException, GeneralSecurityException {
        GeneralName[] names = {
            new GeneralName(GeneralName.uniformResourceIdentifier, BenchMesh.identity(service)),
            new GeneralName(GeneralName.dNSName, BenchMesh.host(service))
        };
        KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
        return signed(builder(new X500Name("CN=" + service), keys)
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes))
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names)));
    }

    private X509v3CertificateBuilder builder(X500Name subject, KeyPair keys) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                name,
                new BigInteger(120, random).add(BigInteger.ONE),
                Date.from(now.minusSeconds(60)),
                Date.from(now.plus(LIFE)),
                subject,
                keys.getPublic());
    }

    private X509Certificate signed(X509v3CertificateBuilder builder)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(root.getPrivate())));
    }
}
