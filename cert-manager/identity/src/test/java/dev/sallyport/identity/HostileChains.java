package dev.sallyport.identity;

import dev.sallyport.identity.Forge.Holder;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyInformation;

/** Chains that were made to cost much: long, large, crossed, and full of what path validation multiplies. */
final class HostileChains {
    static final String ID = "spiffe://shop.example/orders";

    private static final long SEED = 47;
    private static final String CONSTRAINTS = Extension.nameConstraints.getId();
    private static final String POLICIES = Extension.certificatePolicies.getId();
    private static final String MAPPINGS = Extension.policyMappings.getId();

    /** As the embedded authority's: for one trust domain. */
    private static final Holder ROOT =
            Forge.authority("root").permittedUriHost("shop.example").selfSigned();

    private static final Holder OPEN_ROOT = Forge.root("root");
    private static final Holder INTERMEDIATE = Forge.authority("intermediate").signedBy(ROOT);

    /** Root's name, another key: what it signs passes for the root's until a signature is checked. */
    private static final Holder STRANGER = Forge.root("root");

    private HostileChains() {}

    /** Made anew each time, as a peer would: the JDK remembers certificates, and signatures that it found good. */
    interface Chain {
        Holder[] make();
    }

    /** {@code outcome} is part of the refusal, or the identity of a chain that is dear but sound. */
    record Hostile(String what, String outcome, Chain chain, TrustBundle bundle) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Hostile sound() {
        return new Hostile("sound", ID, () -> below(INTERMEDIATE), under(ROOT));
    }

    static Stream<Hostile> all() throws GeneralSecurityException {
        return Stream.of(lengths(), sizes(), constraints(), constraintsWithinBounds(), policies(), names(), keys())
                .flatMap(List::stream);
    }

    private static List<Hostile> lengths() {
        List<Holder> hundred = new ArrayList<>(List.of(ROOT));
        for (int i = 1; i <= 100; i++) {
            hundred.add(Forge.authority("number " + i).signedBy(hundred.getLast()));
        }
        Holder[] upwards = hundred.reversed().stream().limit(100).toArray(Holder[]::new);
        Holder first = Forge.root("first");
        Holder second = Forge.root("second");
        Chain loop = () -> {
            Holder one = Forge.authority("first").keys(first.keys()).signedBy(second);
            Holder other = Forge.authority("second").keys(second.keys()).signedBy(first);
            return below(other, one, other, one);
        };
        Chain fresh = () -> below(Forge.authority("intermediate").signedBy(ROOT));
        Holder[] sixteen = Stream.generate(() -> Forge.root("root")).limit(16).toArray(Holder[]::new);
        return List.of(
                new Hostile("100 intermediates", "101 certificates", () -> below(upwards), under(ROOT)),
                new Hostile("loop of two that sign each other", "unknown issuer", loop, under(ROOT)),
                new Hostile("16 roots of one name, not one the right one", "signature", fresh, under(sixteen)));
    }

    private static List<Hostile> sizes() {
        Forge megabyte = Forge.authority("megabyte").extension("1.3.6.1.4.1.99999.2", false, new byte[1 << 20]);
        Chain large = () -> below(megabyte.signedBy(ROOT));
        Chain tooMany = () -> new Holder[] {crowded(10_000, INTERMEDIATE), INTERMEDIATE};
        Chain many = () -> new Holder[] {crowded(1_500, INTERMEDIATE), INTERMEDIATE};
        Chain forged = () -> new Holder[] {crowded(1_500, STRANGER)};
        return List.of(
                new Hostile("certificate of 1 MB", "bytes (expected", large, under(ROOT)),
                new Hostile("leaf of 10,000 names", "bytes (expected", tooMany, under(ROOT)),
                new Hostile("leaf of 1,500 names", ID, many, under(ROOT)),
                new Hostile("forged leaf of 1,500 names", "signature", forged, under(ROOT)));
    }

    private static List<Hostile> constraints() {
        List<Hostile> chains = new ArrayList<>();
        for (boolean excluded : List.of(true, false)) {
            Forge many = Forge.authority("many").extension(CONSTRAINTS, true, constraints(excluded, 1_500));
            String what = "1,500 subtrees, excluded " + excluded + ", of ";
            chains.add(new Hostile(what + "an authority", CONSTRAINTS, () -> below(many.signedBy(ROOT)), under(ROOT)));
            chains.add(
                    new Hostile(what + "a stranger", CONSTRAINTS, () -> below(many.signedBy(STRANGER)), under(ROOT)));
        }
        Forge leaf = Forge.leaf(ID).extension(CONSTRAINTS, false, constraints(true, 1_500));
        Chain forged = () -> new Holder[] {leaf.signedBy(STRANGER)};
        chains.add(new Hostile("1,500 subtrees in a forged leaf", CONSTRAINTS, forged, under(ROOT)));
        return chains;
    }

    /** As many as are let through, three times, over as many names as are let through. */
    private static List<Hostile> constraintsWithinBounds() {
        List<Hostile> chains = new ArrayList<>();
        for (boolean excluded : List.of(true, false)) {
            String what = "3 times 75 subtrees and 1,500 names, excluded " + excluded + ", of ";
            String outcome = excluded ? ID : "expected: a path";
            chains.add(
                    new Hostile(what + "an authority", outcome, () -> thrice(OPEN_ROOT, excluded), under(OPEN_ROOT)));
            chains.add(
                    new Hostile(what + "a stranger", "signature", () -> thrice(STRANGER, excluded), under(OPEN_ROOT)));
        }
        return chains;
    }

    private static Holder[] thrice(Holder issuer, boolean excluded) {
        byte[] most = constraints(excluded, 75);
        Holder first =
                Forge.authority("first").extension(CONSTRAINTS, true, most).signedBy(issuer);
        Holder second =
                Forge.authority("second").extension(CONSTRAINTS, true, most).signedBy(first);
        Holder third =
                Forge.authority("third").extension(CONSTRAINTS, true, most).signedBy(second);
        return new Holder[] {crowded(1_500, third), third, second, first};
    }

    /** CVE-2023-0464 is the same for OpenSSL: each level of the policy tree has as many times more nodes as policies map to policies. */
    private static List<Hostile> policies() {
        Holder seven = mapping(7).selfSigned();
        Holder sixteen = mapping(16).selfSigned();
        Forge many = Forge.authority("many").extension(POLICIES, false, policies(1_200));
        return List.of(
                new Hostile("7 policies, each mapped to each, five levels", ID, () -> mapped(7, seven), under(seven)),
                new Hostile("16 policies, each mapped to each", MAPPINGS, () -> mapped(16, sixteen), under(sixteen)),
                new Hostile("1,200 policies", POLICIES, () -> below(many.signedBy(ROOT)), under(ROOT)));
    }

    private static Forge mapping(int policies) {
        return Forge.authority("mapping")
                .extension(POLICIES, false, policies(policies))
                .extension(MAPPINGS, false, mappings(policies));
    }

    private static Holder[] mapped(int policies, Holder root) {
        Holder first = mapping(policies).signedBy(root);
        Holder second = mapping(policies).signedBy(first);
        Holder third = mapping(policies).signedBy(second);
        return below(mapping(policies).signedBy(third), third, second, first);
    }

    private static List<Hostile> names() {
        String name = "CN=many" + ",OU=a".repeat(900);
        Forge many = Forge.authority("x").subject(name);
        Forge set = Forge.authority("x").subject(name.replace(',', '+'));
        return List.of(
                new Hostile("issuer name of 901 parts", "signature", () -> below(many.signedBy(STRANGER)), under(ROOT)),
                new Hostile(
                        "issuer name of a part of 901", "signature", () -> below(set.signedBy(STRANGER)), under(ROOT)));
    }

    private static List<Hostile> keys() throws GeneralSecurityException {
        BigInteger large =
                new BigInteger(16_384, new Random(SEED)).setBit(16_383).setBit(0);
        BigInteger small = large.shiftRight(16_384 - 3_072).setBit(0);
        Forge modulus = Forge.authority("heavy").keys(rsa(large, BigInteger.valueOf(65_537)));
        Forge exponent =
                Forge.authority("heavy").keys(rsa(small, small.shiftRight(1).setBit(0)));
        String refusal = "RSA of 2048..8192 bits";
        return List.of(
                new Hostile("RSA of 16,384 bits", refusal, () -> below(modulus.signedBy(ROOT)), under(ROOT)),
                new Hostile("RSA exponent of 3,071 bits", refusal, () -> below(exponent.signedBy(ROOT)), under(ROOT)));
    }

    /** Nobody has its private key; the one here signs, but not for it. */
    private static KeyPair rsa(BigInteger modulus, BigInteger exponent) throws GeneralSecurityException {
        PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
        return new KeyPair(key, STRANGER.key());
    }

    private static TrustBundle under(Holder... roots) {
        List<X509Certificate> certificates =
                Stream.of(roots).map(Holder::certificate).toList();
        return new TrustBundle(new TrustDomain("shop.example"), certificates);
    }

    private static Holder[] below(Holder... issuers) {
        return Stream.concat(Stream.of(Forge.leaf(ID).signedBy(issuers[0])), Arrays.stream(issuers))
                .toArray(Holder[]::new);
    }

    private static Holder crowded(int names, Holder issuer) {
        Forge leaf = Forge.leaf(ID);
        for (int i = 0; i < names; i++) {
            leaf.name(GeneralName.dNSName, Integer.toString(i, 36) + ".b");
        }
        return leaf.signedBy(issuer);
    }

    private static byte[] constraints(boolean excluded, int subtrees) {
        GeneralSubtree[] trees = IntStream.range(0, subtrees)
                .mapToObj(i -> new GeneralName(GeneralName.dNSName, Integer.toString(i, 36) + ".c"))
                .map(GeneralSubtree::new)
                .toArray(GeneralSubtree[]::new);
        return der(excluded ? new NameConstraints(null, trees) : new NameConstraints(trees, null));
    }

    private static byte[] policies(int count) {
        PolicyInformation[] policies = IntStream.range(0, count)
                .mapToObj(i -> new PolicyInformation(policy(i)))
                .toArray(PolicyInformation[]::new);
        return der(new CertificatePolicies(policies));
    }

    private static byte[] mappings(int count) {
        ASN1Encodable[] pairs = IntStream.range(0, count * count)
                .mapToObj(i -> new DERSequence(new ASN1Encodable[] {policy(i / count), policy(i % count)}))
                .toArray(ASN1Encodable[]::new);
        return der(new DERSequence(pairs));
    }

    private static ASN1ObjectIdentifier policy(int number) {
        return new ASN1ObjectIdentifier("1.2.3." + number);
    }

    private static byte[] der(ASN1Encodable value) {
        try {
            return value.toASN1Primitive().getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
