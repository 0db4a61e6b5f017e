package dev.sallyport.identity;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
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
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates for tests: sound by default, and odd in exactly the way that a test asks for. */
final class Forge {
    /** The moment at which everything here is valid, unless a test says otherwise. */
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private static final AtomicLong SERIAL = new AtomicLong(0x1000);

    private X500Name subject;
    private final List<GeneralName> names = new ArrayList<>();
    private BasicConstraints constraints = new BasicConstraints(false);
    private int usage = KeyUsage.digitalSignature;
    private List<KeyPurposeId> purposes = List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
    private Instant notBefore = NOW.minus(Duration.ofHours(1));
    private Instant notAfter = NOW.plus(Duration.ofHours(24));
    private KeyPair keys = CertificateSigningRequest.newKeyPair();
    private String algorithm = "SHA256withECDSA";
    private Optional<NameConstraints> nameConstraints = Optional.empty();
    private final List<Extension> extensions = new ArrayList<>();

    private Forge(X500Name subject) {
        this.subject = subject;
    }

    /** A certificate and its key, able to sign further ones. */
    record Holder(X509Certificate certificate, KeyPair keys) {
        PrivateKey key() {
            return keys.getPrivate();
        }

        X500Name name() {
            return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        }
    }

    static Forge leaf(String... uris) {
        Forge forge = new Forge(new X500Name("CN=leaf"));
        for (String uri : uris) {
            forge.name(GeneralName.uniformResourceIdentifier, uri);
        }
        return forge;
    }

    static Forge authority(String name) {
        Forge forge = new Forge(new X500Name("CN=" + name));
        forge.constraints = new BasicConstraints(true);
        forge.usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
        forge.purposes = List.of();
        return forge;
    }

    static Holder root(String name) {
        return authority(name).selfSigned();
    }

    Forge subject(String name) {
        subject = new X500Name(name);
        return this;
    }

    Forge name(int type, String value) {
        names.add(new GeneralName(type, value));
        return this;
    }

    Forge ca(boolean ca) {
        constraints = new BasicConstraints(ca);
        return this;
    }

    Forge pathLength(int length) {
        constraints = new BasicConstraints(length);
        return this;
    }

    Forge usage(int bits) {
        usage = bits;
        return this;
    }

    Forge purposes(KeyPurposeId... ids) {
        purposes = List.of(ids);
        return this;
    }

    Forge valid(Instant from, Instant to) {
        notBefore = from;
        notAfter = to;
        return this;
    }

    Forge keys(KeyPair pair) {
        keys = pair;
        return this;
    }

    Forge algorithm(String name) {
        algorithm = name;
        return this;
    }

    Forge permittedUriHost(String host) {
        nameConstraints = Optional.of(new NameConstraints(subtree(host), null));
        return this;
    }

    Forge excludedUriHost(String host) {
        nameConstraints = Optional.of(new NameConstraints(null, subtree(host)));
        return this;
    }

    Forge unknownCriticalExtension() {
        return extension("1.3.6.1.4.1.99999.1", true, new byte[] {5, 0});
    }

    /** Whatever its bytes are; one that a test sets otherwise must not be set here. */
    Forge extension(String oid, boolean critical, byte[] value) {
        extensions.add(new Extension(new ASN1ObjectIdentifier(oid), critical, value));
        return this;
    }

    Holder selfSigned() {
        return new Holder(sign(subject, keys.getPrivate()), keys);
    }

    Holder signedBy(Holder issuer) {
        return new Holder(sign(issuer.name(), issuer.key()), keys);
    }

    private X509Certificate sign(X500Name issuer, PrivateKey issuerKey) {
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    BigInteger.valueOf(SERIAL.incrementAndGet()),
                    Date.from(notBefore),
                    Date.from(notAfter),
                    subject,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, constraints);
            if (usage != 0) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            }
            if (!purposes.isEmpty()) {
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)));
            }
            if (!names.isEmpty()) {
                // RFC 5280 section 4.1.2.6: critical where the subject is empty, or the JDK does not even parse it.
                boolean critical = subject.getRDNs().length == 0;
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        critical,
                        new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            if (nameConstraints.isPresent()) {
                builder.addExtension(Extension.nameConstraints, true, nameConstraints.get());
            }
            for (Extension extension : extensions) {
                builder.addExtension(extension);
            }
            var holder = builder.build(new JcaContentSignerBuilder(algorithm).build(issuerKey));
            return new JcaX509CertificateConverter().getCertificate(holder);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new AssertionError("test certificate cannot be made", e);
        }
    }

    private static GeneralSubtree[] subtree(String host) {
        return new GeneralSubtree[] {new GeneralSubtree(new GeneralName(GeneralName.uniformResourceIdentifier, host))};
    }
}
