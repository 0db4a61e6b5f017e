package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that ask for more than a certificate for their key, or that show a key which is none. */
class ForeignRequestTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final TrustDomain SHOP = new TrustDomain("shop.example");
    private static final SpiffeId ORDERS = new SpiffeId(SHOP, "/ns/shop/sa/orders");
    private static final Duration DAY = Duration.ofHours(24);
    private static final KeyPair KEYS = CertificateSigningRequest.newKeyPair();
    private static final byte[] POINT = point();

    private static EmbeddedAuthority authority;

    @BeforeAll
    static void firstStart(@TempDir Path folder) throws Exception {
        var encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        authority = EmbeddedAuthority.open(folder.resolve("authority"), SHOP, encryption, clock);
    }

    static Stream<Arguments> wishes() throws Exception {
        var names = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://shop.example/ns/shop/sa/payment"),
            new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://other.example/a"),
            new GeneralName(GeneralName.dNSName, "payment.shop.example"),
            new GeneralName(GeneralName.iPAddress, "10.0.0.1"),
            new GeneralName(new X500Name("CN=payment"))
        });
        var free = new NameConstraints(null, new GeneralSubtree[] {new GeneralSubtree(new GeneralName(2, "a"))});
        return Stream.of(
                Arguments.of("names", extension(Extension.subjectAlternativeName, names)),
                Arguments.of("no names", extension(Extension.subjectAlternativeName, new DERSequence())),
                Arguments.of("to be a CA", extension(Extension.basicConstraints, new BasicConstraints(9))),
                Arguments.of(
                        "to sign",
                        extension(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))),
                Arguments.of(
                        "to sign code", extension(Extension.extendedKeyUsage, new ExtendedKeyUsage(new KeyPurposeId[] {
                            KeyPurposeId.id_kp_codeSigning
                        }))),
                Arguments.of("constraints", extension(Extension.nameConstraints, free)),
                Arguments.of(
                        "an unknown critical extension",
                        extension(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"), DERNull.INSTANCE)),
                Arguments.of(
                        "extensions that are none",
                        new Attribute(
                                PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                                new DERSet(new DERUTF8String("extensions")))),
                Arguments.of(
                        "a password",
                        new Attribute(
                                PKCSObjectIdentifiers.pkcs_9_at_challengePassword,
                                new DERSet(new DERUTF8String("secret")))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wishes")
    void wishMakesNoDifference(String what, Attribute wish) throws Exception {
        byte[] twice = Requests.of(spki(), new DERSet(new ASN1Encodable[] {wish, wish}), KEYS.getPrivate());
        byte[] once = Requests.of(spki(), new DERSet(wish), KEYS.getPrivate());
        X509Certificate plain = issue(CertificateSigningRequest.der(KEYS));
        for (byte[] request : new byte[][] {once, twice}) {
            X509Certificate leaf = issue(request);
            assertThat(leaf.getPublicKey()).isEqualTo(KEYS.getPublic());
            assertThat(leaf.getSubjectX500Principal()).isEqualTo(plain.getSubjectX500Principal());
            assertThat(leaf.getNotAfter()).isEqualTo(plain.getNotAfter());
            assertThat(extensions(leaf)).as(what).isEqualTo(extensions(plain));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048})
    void rsaIsRefused(int bits) throws Exception {
        KeyPair rsa = Requests.rsa(bits);
        refusedKey(Requests.request(rsa, rsa, "SHA256withRSA"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"secp224r1", "secp384r1", "secp521r1", "secp256k1", "brainpoolP256r1", "secp192r1", "sect283k1"})
    void otherCurvesAreRefused(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", new BouncyCastleProvider());
        generator.initialize(new ECGenParameterSpec(curve));
        KeyPair other = generator.generateKeyPair();
        refusedKey(Requests.of(
                SubjectPublicKeyInfo.getInstance(other.getPublic().getEncoded()), new DERSet(), KEYS.getPrivate()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ed25519", "Ed448", "X25519", "ML-DSA-44"})
    void otherKindsOfKeysAreRefused(String algorithm) throws Exception {
        KeyPair other = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        refusedKey(Requests.of(
                SubjectPublicKeyInfo.getInstance(other.getPublic().getEncoded()), new DERSet(), KEYS.getPrivate()));
    }

    @Test
    void p256InOtherWordsIsRefused() throws Exception {
        var explicit = SECNamedCurves.getByOID(SECObjectIdentifiers.secp256r1);
        for (ASN1Encodable parameters : new ASN1Encodable[] {explicit, DERNull.INSTANCE, new DERSequence()}) {
            var algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, parameters);
            refusedKey(Requests.of(new SubjectPublicKeyInfo(algorithm, POINT), new DERSet(), KEYS.getPrivate()));
        }
        // id-ecDH: a key for agreement only, RFC 5480 section 2.1.2.
        var agreement =
                new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.132.1.12"), SECObjectIdentifiers.secp256r1);
        refusedKey(Requests.of(new SubjectPublicKeyInfo(agreement, POINT), new DERSet(), KEYS.getPrivate()));
        issue(Requests.of(spki(), new DERSet(), KEYS.getPrivate()));
    }

    static Stream<Arguments> points() {
        byte[] compressed = Arrays.copyOf(POINT, 33);
        compressed[0] = (byte) (2 + (POINT[64] & 1));
        byte[] hybrid = POINT.clone();
        hybrid[0] = (byte) (6 + (POINT[64] & 1));
        byte[] off = POINT.clone();
        off[64] ^= 1;
        byte[] swapped = new byte[65];
        swapped[0] = 4;
        System.arraycopy(POINT, 1, swapped, 33, 32);
        System.arraycopy(POINT, 33, swapped, 1, 32);
        byte[] zero = new byte[65];
        zero[0] = 4;
        byte[] full = new byte[65];
        Arrays.fill(full, (byte) 0xff);
        full[0] = 4;
        return Stream.of(
                Arguments.of("compressed", compressed),
                Arguments.of("hybrid", hybrid),
                Arguments.of("infinity", new byte[1]),
                Arguments.of("none", new byte[0]),
                Arguments.of("short", Arrays.copyOf(POINT, 64)),
                Arguments.of("long", Arrays.copyOf(POINT, 66)),
                Arguments.of("off the curve", off),
                Arguments.of("x and y exchanged", swapped),
                Arguments.of("zero", zero),
                Arguments.of("beyond the field", full));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("points")
    void oddPointIsRefused(String what, byte[] point) throws Exception {
        var p256 = new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);
        refusedKey(Requests.of(new SubjectPublicKeyInfo(p256, point), new DERSet(), KEYS.getPrivate()));
    }

    static Stream<Arguments> signatures() throws Exception {
        BigInteger n = SECNamedCurves.getByOID(SECObjectIdentifiers.secp256r1).getN();
        return Stream.of(
                Arguments.of("none", new byte[0]),
                Arguments.of("zero and zero", rs(BigInteger.ZERO, BigInteger.ZERO)),
                Arguments.of("the order and one", rs(n, BigInteger.ONE)),
                Arguments.of("one and the order", rs(BigInteger.ONE, n)),
                Arguments.of("one and one", rs(BigInteger.ONE, BigInteger.ONE)),
                Arguments.of("negative", rs(BigInteger.ONE.negate(), BigInteger.ONE)),
                Arguments.of("huge", rs(BigInteger.TWO.pow(20_000), BigInteger.ONE)),
                Arguments.of("raw", new byte[64]),
                Arguments.of("another structure", new DEROctetString(new byte[64]).getEncoded()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("signatures")
    void signatureThatAnybodyCanWriteProvesNothing(String what, byte[] signature) throws Exception {
        byte[] info = Requests.info(spki(), new DERSet());
        assertThatThrownBy(() -> issue(Requests.assembled(info, signature)))
                .as(what)
                .isInstanceOf(IssuanceRefusedException.class)
                .hasMessageContaining("proves possession");
    }

    @Test
    void requestIsBoundedAt8192BytesExactly() throws Exception {
        issue(ofLength(8_192));
        assertThatThrownBy(() -> issue(ofLength(8_193))).hasMessageContaining("8193 bytes (expected: <= 8192)");
    }

    @Test
    void berIsRefused() throws Exception {
        byte[] der = CertificateSigningRequest.der(KEYS);
        // The same, the length of the outer sequence in one byte more than it needs, or left open.
        byte[] content = Arrays.copyOfRange(der, der[1] == (byte) 0x81 ? 3 : 2, der.length);
        HexFormat hex = HexFormat.of();
        for (String header : new String[] {"308200%02x", "30830000%02x", "3080"}) {
            String trailer = header.equals("3080") ? "0000" : "";
            String ber = header.formatted(content.length) + hex.formatHex(content) + trailer;
            assertThatThrownBy(() -> issue(hex.parseHex(ber)))
                    .as(header)
                    .hasMessageContaining("expected: PKCS#10 in DER");
        }
    }

    private static X509Certificate issue(byte[] request) throws IssuanceRefusedException {
        X509Certificate leaf = authority.issue(request, ORDERS, DAY).leaf();
        try {
            assertThat(X509Svid.leafId(leaf)).isEqualTo(ORDERS);
        } catch (java.security.cert.CertificateException e) {
            throw new AssertionError(e);
        }
        return leaf;
    }

    private static void refusedKey(byte[] request) {
        assertThatThrownBy(() -> issue(request))
                .isInstanceOf(IssuanceRefusedException.class)
                .message()
                .startsWith("signing request key: ")
                .contains("P-256")
                .doesNotContain("\n")
                .hasSizeLessThan(200);
    }

    /** Until it is: the length of a signature varies by a byte or two. */
    private static byte[] ofLength(int length) throws Exception {
        byte[] request = padded(8_000);
        while (request.length != length) {
            request = padded(8_000 - padded(8_000).length + length);
        }
        return request;
    }

    private static byte[] padded(int bytes) throws Exception {
        var password = new DERUTF8String("a".repeat(bytes));
        var padding = new Attribute(PKCSObjectIdentifiers.pkcs_9_at_challengePassword, new DERSet(password));
        return Requests.of(spki(), new DERSet(padding), KEYS.getPrivate());
    }

    private static Attribute extension(ASN1ObjectIdentifier oid, ASN1Encodable value) throws Exception {
        var extensions = new ExtensionsGenerator();
        extensions.addExtension(oid, true, value);
        return new Attribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, new DERSet(extensions.generate()));
    }

    /** By object identifier, with its criticality. */
    private static Map<String, String> extensions(X509Certificate leaf) {
        Map<String, String> extensions = new HashMap<>();
        for (Set<String> oids : Set.of(leaf.getCriticalExtensionOIDs(), leaf.getNonCriticalExtensionOIDs())) {
            for (String oid : oids) {
                String value = HexFormat.of().formatHex(leaf.getExtensionValue(oid));
                extensions.put(oid, leaf.getCriticalExtensionOIDs().contains(oid) + value);
            }
        }
        return extensions;
    }

    private static byte[] rs(BigInteger r, BigInteger s) throws Exception {
        return new DERSequence(new ASN1Encodable[] {new ASN1Integer(r), new ASN1Integer(s)}).getEncoded();
    }

    private static SubjectPublicKeyInfo spki() {
        return SubjectPublicKeyInfo.getInstance(KEYS.getPublic().getEncoded());
    }

    private static byte[] point() {
        return SubjectPublicKeyInfo.getInstance(KEYS.getPublic().getEncoded())
                .getPublicKeyData()
                .getOctets();
    }
}
