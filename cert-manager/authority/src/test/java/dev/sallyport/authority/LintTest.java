package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authority.Linters.Finding;
import dev.sallyport.authority.Linters.Linter;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of certificate that is made here, before linters that others wrote from RFC 5280. */
class LintTest {
    @TempDir
    static Path folder;

    @BeforeAll
    static void issueOneOfEachKind() throws Exception {
        var encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        TrustDomain shop = new TrustDomain("shop.example");
        Clock clock = Clock.systemUTC();
        var authority = EmbeddedAuthority.open(folder.resolve("authority"), shop, encryption, clock);
        var people = PeopleAuthority.open(folder.resolve("people"), encryption, clock);
        byte[] request = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());
        SpiffeId orders = new SpiffeId(shop, "/ns/shop/sa/orders");
        IssuedCertificate workload = authority.issue(request, orders, Duration.ofHours(24));
        write("root", authority.trustBundle().authorities().getFirst());
        write("intermediate", workload.chain().getLast());
        write("leaf", workload.leaf());
        write("people-root", people.root());
        write(
                "person",
                people.issue(request, "Łucja", "admin", Duration.ofDays(30)).leaf());
        Files.writeString(pem("faulty"), Pem.encode("CERTIFICATE", faulty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "intermediate", "leaf", "people-root", "person"})
    void zlintFindsNothing(String kind) throws Exception {
        assertThat(Linters.zlint().findings(pem(kind))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "intermediate", "leaf", "people-root", "person"})
    void pkilintFindsNothing(String kind) throws Exception {
        Linter pkilint = Linters.pkilint();
        assertThat(pkilint.findings(pem(kind)).stream().filter(finding -> !isUnknownScheme(finding)))
                .isEmpty();
    }

    @Test
    void pkilintFindsNothingBetweenIssuerAndIssued() throws Exception {
        assertThat(Linters.pkilintOfPair(pem("root"), pem("intermediate"))).isEmpty();
        assertThat(Linters.pkilintOfPair(pem("intermediate"), pem("leaf"))).isEmpty();
        assertThat(Linters.pkilintOfPair(pem("people-root"), pem("person"))).isEmpty();
    }

    @Test
    void faultIsFoundByZlint() throws Exception {
        assertThat(Linters.zlint().findings(pem("faulty")))
                .extracting(Finding::code)
                .contains("e_basic_constraints_not_critical");
    }

    @Test
    void faultIsFoundByPkilint() throws Exception {
        assertThat(Linters.pkilint().findings(pem("faulty")).stream().filter(finding -> !isUnknownScheme(finding)))
                .extracting(Finding::code)
                .contains(
                        "pkix.basic_constraints_extension_not_critical",
                        "pkix.ca_certificate_keycertsign_keyusage_not_set");
        assertThat(Linters.pkilintOfPair(pem("root"), pem("leaf")))
                .extracting(Finding::code)
                .contains("pkix.signature_verification_failed");
    }

    /** pkilint's library knows some schemes, and calls a URI of any other malformed; RFC 3986 section 3.1 does not. */
    private static boolean isUnknownScheme(Finding finding) {
        return finding.code().equals("pkix.invalid_uri_syntax")
                && finding.message().contains("\\\"spiffe://");
    }

    /** A CA whose basic constraints are not critical and whose key usage does not let it sign: RFC 5280 sections 4.2.1.9 and 4.2.1.3. */
    private static byte[] faulty() throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        X500Name name = new X500Name("CN=faulty");
        Date start = Date.from(Instant.now());
        return new JcaX509v3CertificateBuilder(name, BigInteger.TEN, start, start, name, keys.getPublic())
                .addExtension(Extension.basicConstraints, false, new BasicConstraints(0))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
    }

    private static void write(String kind, X509Certificate certificate) throws Exception {
        Files.writeString(pem(kind), Pem.encode(List.of(certificate)));
    }

    private static Path pem(String kind) {
        return folder.resolve(kind + ".pem");
    }
}
