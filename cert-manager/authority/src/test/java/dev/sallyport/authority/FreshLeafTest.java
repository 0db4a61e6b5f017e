package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.CertificateTemplate.Names;
import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.NoSuchProviderException;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A leaf that is judged before it is handed out is judged as the platform judges it: what that refuses is refused here, in the same words. */
class FreshLeafTest {
    private static final TrustDomain SHOP = new TrustDomain("shop.example");
    private static final SpiffeId ORDERS = new SpiffeId(SHOP, "/sa/orders");
    private static final Duration DAY = Duration.ofDays(1);
    private static final BigInteger ORDER = CustomNamedCurves.getByName("P-256").getN();

    private final KeyPair keys = CertificateSigningRequest.newKeyPair();
    private final Instant now = Instant.now();
    private final Validity years = new Validity(now.minus(DAY), now.plus(Duration.ofDays(1000)));
    private final Validity day = new Validity(now.minusSeconds(60), now.plus(DAY));
    private Signer root;
    private Signer issuer;

    @BeforeEach
    void authorities() throws Exception {
        var name = CertificateTemplate.authorityName("test", "root");
        root = Signer.selfSigned(
                key -> CertificateTemplate.workloadAuthority(new Names(name, name), years, key, SHOP, 1));
        issuer = root.certify(key -> CertificateTemplate.workloadAuthority(
                new Names(name, CertificateTemplate.authorityName("test", "issuer")), years, key, SHOP, 0));
    }

    private X509Certificate good() throws IOException {
        return issuer.sign(
                CertificateTemplate.workload(issuer.name(), day, keys.getPublic(), ORDERS), keys.getPublic());
    }

    static X509Certificate fresh(X509Certificate leaf) {
        return FreshLeaf.first(List.of(leaf)).getFirst();
    }

    static X509Certificate parsed(byte[] der) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /** What is said of the chain below our root; empty when it is accepted. */
    private Optional<String> refusal(List<X509Certificate> chain) throws Exception {
        SvidVerifier verifier = LeafSigner.verifier(
                new TrustBundle(SHOP, List.of(root.certificate())), Clock.fixed(now, ZoneOffset.UTC));
        try {
            verifier.verify(chain);
            return Optional.empty();
        } catch (SvidRejectedException e) {
            return Optional.of(e.reason() + ": " + e.getMessage());
        }
    }

    private void refused(X509Certificate leaf) throws Exception {
        assertThatThrownBy(() -> fresh(leaf).verify(issuer.certificate().getPublicKey(), (String) null))
                .isInstanceOf(GeneralSecurityException.class);
        List<X509Certificate> chain = List.of(leaf, issuer.certificate());
        assertThat(refusal(FreshLeaf.first(chain))).isPresent().isEqualTo(refusal(chain));
    }

    @Test
    void leafThatItsIssuerSignedIsAccepted() throws Exception {
        X509Certificate leaf = good();
        fresh(leaf).verify(issuer.certificate().getPublicKey());
        fresh(leaf).verify(issuer.certificate().getPublicKey(), "");
        fresh(leaf).verify(issuer.certificate().getPublicKey(), "SunEC");
        fresh(leaf).verify(issuer.certificate().getPublicKey(), Security.getProvider("SunEC"));
        assertThat(refusal(FreshLeaf.first(List.of(leaf, issuer.certificate()))))
                .isEmpty();
        assertThatThrownBy(() -> fresh(leaf).verify(root.certificate().getPublicKey()))
                .isInstanceOf(SignatureException.class);
        assertThatThrownBy(() -> fresh(leaf).verify(issuer.certificate().getPublicKey(), "nobody"))
                .isInstanceOf(NoSuchProviderException.class);
    }

    @Test
    void oneBitOfTheSignatureOrOfWhatIsSignedIsEnough() throws Exception {
        X509Certificate leaf = good();
        byte[] der = leaf.getEncoded();
        int length = leaf.getSignature().length;
        for (int bit = (der.length - length) * 8; bit < der.length * 8; bit++) {
            byte[] other = der.clone();
            other[bit / 8] ^= (byte) (1 << bit % 8);
            X509Certificate mutated = parsed(other);
            assertThatThrownBy(() -> fresh(mutated).verify(issuer.certificate().getPublicKey()))
                    .as("bit %s", bit)
                    .isInstanceOf(SignatureException.class);
        }
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        byte[] serial = leaf.getSerialNumber().toByteArray();
        int at = indexOf(der, serial) + 1 + random.nextInt(serial.length - 1);
        der[at] ^= (byte) (1 << random.nextInt(8));
        refused(parsed(der));
    }

    private static int indexOf(byte[] whole, byte[] part) {
        for (int i = 0; ; i++) {
            if (Arrays.equals(whole, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
    }

    static Stream<Arguments> malformed() throws IOException {
        BigInteger one = BigInteger.ONE;
        return Stream.of(
                Arguments.of("empty", new byte[0]),
                Arguments.of("not DER", new byte[] {1, 2, 3}),
                Arguments.of("an empty sequence", new DERSequence().getEncoded()),
                Arguments.of("a number", new ASN1Integer(7).getEncoded()),
                Arguments.of("one number", sequence(one)),
                Arguments.of("three numbers", sequence(one, one, one)),
                Arguments.of("zeros", sequence(BigInteger.ZERO, BigInteger.ZERO)),
                Arguments.of("r = 0", sequence(BigInteger.ZERO, one)),
                Arguments.of("s = 0", sequence(one, BigInteger.ZERO)),
                Arguments.of("r = n", sequence(ORDER, one)),
                Arguments.of("s = n", sequence(one, ORDER)),
                Arguments.of("negative", sequence(one.negate(), one.negate())),
                Arguments.of("enormous", sequence(one.shiftLeft(40_000), one)),
                Arguments.of("half a signature", Arrays.copyOf(sequence(one, one), 5)));
    }

    private static byte[] sequence(BigInteger... numbers) throws IOException {
        return new DERSequence(Arrays.stream(numbers).map(ASN1Integer::new).toArray(ASN1Encodable[]::new)).getEncoded();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void whatIsNoSignatureIsNone(String what, byte[] signature) throws Exception {
        refused(resigned(good(), algorithm(), signature));
    }

    @Test
    void rightNumbersInAnotherEncodingAreNotHandedOut() throws Exception {
        X509Certificate leaf = good();
        byte[] signature = leaf.getSignature();
        byte[] trailing = Arrays.copyOf(signature, signature.length + 1);
        byte[] longForm = new byte[signature.length + 1];
        longForm[0] = signature[0];
        longForm[1] = (byte) 0x81;
        System.arraycopy(signature, 1, longForm, 2, signature.length - 1);
        for (byte[] other : List.of(trailing, longForm)) {
            X509Certificate resigned = resigned(leaf, algorithm(), other);
            assertThatThrownBy(() -> fresh(resigned).verify(issuer.certificate().getPublicKey()))
                    .isInstanceOf(SignatureException.class);
        }
        refused(resigned(leaf, algorithm(), trailing));
    }

    private static AlgorithmIdentifier algorithm() {
        return new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    }

    private static X509Certificate resigned(X509Certificate leaf, AlgorithmIdentifier algorithm, byte[] signature)
            throws Exception {
        var structure = new X509CertificateHolder(leaf.getEncoded()).toASN1Structure();
        return parsed(new DERSequence(
                        new ASN1Encodable[] {structure.getTBSCertificate(), algorithm, new DERBitString(signature)})
                .getEncoded(ASN1Encoding.DER));
    }

    /** The platform refuses to read a certificate whose algorithms differ, and one with parameters is the platform's to judge. */
    @Test
    void algorithmThatWasExchangedOrHasParametersIsNotOurs() throws Exception {
        X509Certificate leaf = good();
        var sha384 = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384);
        assertSameVerdict(() -> resigned(leaf, sha384, leaf.getSignature()));
        var parameters = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256, DERNull.INSTANCE);
        assertSameVerdict(() -> resigned(leaf, parameters, leaf.getSignature()));
    }

    @FunctionalInterface
    private interface Made {
        X509Certificate certificate() throws Exception;
    }

    private void assertSameVerdict(Made made) throws Exception {
        X509Certificate certificate;
        try {
            certificate = made.certificate();
        } catch (CertificateException e) {
            return; // nothing that could be judged
        }
        PublicKey key = issuer.certificate().getPublicKey();
        assertThat(verdict(fresh(certificate), key)).isEqualTo(verdict(certificate, key));
    }

    static String verdict(X509Certificate certificate, PublicKey key) {
        try {
            certificate.verify(key);
            return "good";
        } catch (GeneralSecurityException e) {
            return e.getClass().getName();
        }
    }

    /** All that is not the signature stays the path validation's, with its words. */
    @Test
    void everythingElseThatIsWrongIsFoundAsBefore() throws Exception {
        PublicKey key = keys.getPublic();
        Validity over = new Validity(now.minus(DAY), now.minusSeconds(60));
        Validity later = new Validity(now.plus(DAY), now.plus(Duration.ofDays(2)));
        refused(issuer, CertificateTemplate.workload(issuer.name(), over, key, ORDERS));
        refused(issuer, CertificateTemplate.workload(issuer.name(), later, key, ORDERS));
        refused(
                root,
                CertificateTemplate.workload(root.name(), day, key, new SpiffeId(new TrustDomain("x.example"), "/a")));
        refused(issuer, CertificateTemplate.workload(root.name(), day, key, ORDERS));
        refused(issuer, CertificateTemplate.person(new Names(issuer.name(), issuer.name()), day, key));
        refused(
                issuer,
                CertificateTemplate.workloadAuthority(new Names(issuer.name(), issuer.name()), day, key, SHOP, 0));
        Signer stranger = Signer.selfSigned(own ->
                CertificateTemplate.workloadAuthority(new Names(issuer.name(), issuer.name()), years, own, SHOP, 0));
        refused(stranger, CertificateTemplate.workload(issuer.name(), day, key, ORDERS));
        KeyPair weak = Keys.of("RSA", 1);
        refused(
                issuer,
                CertificateTemplate.workload(
                        issuer.name(), day, weak.getPublic(), new SpiffeId(new TrustDomain("other.example"), "/a")));
    }

    private void refused(Signer by, X509v3CertificateBuilder leaf) throws Exception {
        List<X509Certificate> chain = List.of(by.sign(leaf, keys.getPublic()), issuer.certificate());
        assertThat(refusal(FreshLeaf.first(chain))).isPresent().isEqualTo(refusal(chain));
    }

    /** The issuer's own certificate is the platform's to check: one that nobody signed does not pass behind a good leaf. */
    @Test
    void onlyTheLeafIsCheckedSo() throws Exception {
        X509Certificate forged = Signer.selfIssued(
                CertificateTemplate.workloadAuthority(
                        new Names(root.name(), issuer.name()),
                        years,
                        issuer.certificate().getPublicKey(),
                        SHOP,
                        0),
                issuer.certificate().getPublicKey());
        List<X509Certificate> judged = FreshLeaf.first(List.of(good(), forged));
        assertThat(judged.getLast()).isSameAs(forged);
        assertThat(refusal(judged).orElseThrow()).contains("signature check failed");
    }

    @Test
    void itStaysInsideAndNothingIsRegistered(@TempDir Path folder) throws Exception {
        List<String> before = providers();
        EmbeddedAuthority authority = EmbeddedAuthority.open(
                folder.resolve("ca"), SHOP, KeyEncryption.fromFile(folder.resolve("key")), Clock.systemUTC());
        IssuedCertificate issued = authority.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
        assertThat(issued.chain()).doesNotHaveAnyElementsOfTypes(FreshLeaf.class);
        assertThat(Pem.certificates(Pem.encode(issued.chain()))).isEqualTo(issued.chain());
        assertThat(providers()).isEqualTo(before);
        assertThat(Signature.getInstance("SHA256withECDSA").getProvider().getName())
                .isEqualTo("SunEC");
    }

    private static List<String> providers() {
        return Arrays.stream(Security.getProviders())
                .map(provider -> provider.getName())
                .toList();
    }
}
