package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Forge.Holder;
import dev.sallyport.identity.SvidRejectedException.Reason;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SvidVerifierTest {
    private static final String ID = "spiffe://shop.example/orders";
    private static final Clock CLOCK = Clock.fixed(Forge.NOW, ZoneOffset.UTC);
    private static final Instant PAST = Forge.NOW.minus(Duration.ofDays(2));
    private static final Instant FUTURE = Forge.NOW.plus(Duration.ofDays(2));

    private final TrustDomain shop = new TrustDomain("shop.example");
    private final TrustDomain partner = new TrustDomain("partner.example");
    private final Holder root = Forge.authority("shop root")
            .permittedUriHost("shop.example")
            .pathLength(1)
            .selfSigned();
    private final Holder intermediate = Forge.authority("shop intermediate")
            .permittedUriHost("shop.example")
            .pathLength(0)
            .signedBy(root);
    private final Holder partnerRoot = Forge.root("partner root");

    private SvidPublisher publisher;

    @BeforeEach
    void trustBothDomains() throws Exception {
        publisher = new SvidPublisher(CLOCK);
        publisher.publishBundles(List.of(bundle(shop, root), bundle(partner, partnerRoot)));
    }

    @Test
    void soundChainProvesItsIdentity() throws Exception {
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        assertThat(verify(leaf, intermediate)).hasToString(ID);
        assertThat(verify(leaf, intermediate, root))
                .as("with the root sent along")
                .hasToString(ID);
    }

    @Test
    void emptyChainIsMissing() {
        assertThatThrownBy(() -> new SvidVerifier(publisher.source(), CLOCK).verify(List.of()))
                .isInstanceOfSatisfying(
                        SvidRejectedException.class,
                        e -> assertThat(e.reason().code()).isEqualTo("certificate_missing"));
    }

    @Test
    void selfSignedLeafIsUntrusted() {
        refused(Reason.UNTRUSTED, "unknown issuer", Forge.leaf(ID).selfSigned());
    }

    @Test
    void strangersChainIsRefusedBeforeAnySignature() {
        Holder stranger = Forge.root("stranger");
        refused(Reason.UNTRUSTED, "unknown issuer", Forge.leaf(ID).signedBy(stranger));
    }

    @Test
    void rootOfTheSameNameButAnotherKeyIsUntrusted() {
        Holder impostor = Forge.root("shop root");
        refused(Reason.UNTRUSTED, "expected: a path", Forge.leaf(ID).signedBy(impostor));
        refused(Reason.UNTRUSTED, "expected: a path", Forge.leaf(ID).signedBy(impostor), impostor);
    }

    @Test
    void chainUnderOneTrustDomainProvesNothingInAnother() throws Exception {
        refused(Reason.UNTRUSTED, "unknown issuer", Forge.leaf(ID).signedBy(partnerRoot));
        Holder own = Forge.leaf("spiffe://partner.example/orders").signedBy(partnerRoot);
        assertThat(verify(own)).hasToString("spiffe://partner.example/orders");
    }

    @Test
    void trustDomainWithoutBundleIsUntrusted() {
        refused(
                Reason.UNTRUSTED,
                "no bundle",
                Forge.leaf("spiffe://shop.example.evil/orders").signedBy(intermediate));
    }

    @Test
    void missingIntermediateAndWrongOrderAreUntrusted() {
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        refused(Reason.UNTRUSTED, "unknown issuer", leaf);
        refused(Reason.UNTRUSTED, "broken after number", leaf, root, intermediate);
    }

    @Test
    void expiredAndFutureCertificatesAreRefusedWhereverTheyStand() throws Exception {
        refused(
                Reason.EXPIRED,
                "clock",
                Forge.leaf(ID).valid(PAST, Forge.NOW.minusSeconds(1)).signedBy(intermediate),
                intermediate);
        refused(
                Reason.EXPIRED,
                "clock",
                Forge.leaf(ID).valid(Forge.NOW.plusSeconds(1), FUTURE).signedBy(intermediate),
                intermediate);
        Holder old =
                Forge.authority("old").valid(PAST, Forge.NOW.minusSeconds(1)).signedBy(root);
        refused(Reason.EXPIRED, "clock", Forge.leaf(ID).signedBy(old), old);
        Holder next =
                Forge.authority("next").valid(Forge.NOW.plusSeconds(1), FUTURE).signedBy(root);
        refused(Reason.EXPIRED, "clock", Forge.leaf(ID).signedBy(next), next);
        Holder nextRoot = Forge.authority("next root")
                .valid(Forge.NOW.plusSeconds(1), FUTURE)
                .selfSigned();
        publisher.publishBundles(List.of(bundle(shop, nextRoot)));
        refused(Reason.EXPIRED, "clock", Forge.leaf(ID).signedBy(nextRoot));
        Holder oldRoot = Forge.authority("old root")
                .valid(PAST, Forge.NOW.minusSeconds(1))
                .selfSigned();
        publisher.publishBundles(List.of(bundle(shop, oldRoot)));
        refused(Reason.EXPIRED, "clock", Forge.leaf(ID).signedBy(oldRoot));
    }

    @Test
    void pathLengthOfIntermediateAndOfRootIsKept() {
        Holder below = Forge.authority("below").signedBy(intermediate);
        refused(Reason.UNTRUSTED, "expected: a path", Forge.leaf(ID).signedBy(below), below, intermediate);
        Holder first = Forge.authority("first").signedBy(root);
        Holder second = Forge.authority("second").signedBy(first);
        refused(Reason.UNTRUSTED, "expected: a path", Forge.leaf(ID).signedBy(second), second, first);
    }

    @Test
    void leafCannotSignLeaves() {
        Holder leaf = Forge.leaf(ID).subject("CN=leaf").signedBy(intermediate);
        refused(Reason.UNTRUSTED, "keyCertSign", Forge.leaf(ID).signedBy(leaf), leaf, intermediate);
        Holder noCertSign =
                Forge.authority("no cert sign").usage(KeyUsage.cRLSign).signedBy(root);
        refused(Reason.UNTRUSTED, "keyCertSign", Forge.leaf(ID).signedBy(noCertSign), noCertSign);
    }

    @Test
    void uriNameConstraintsOfIntermediateAndOfRootAreEnforced() throws Exception {
        Holder excluding =
                Forge.authority("excluding").excludedUriHost("shop.example").signedBy(root);
        refused(Reason.UNTRUSTED, "expected: a path", Forge.leaf(ID).signedBy(excluding), excluding);
        Holder elsewhere =
                Forge.authority("elsewhere").permittedUriHost("other.example").signedBy(root);
        refused(Reason.UNTRUSTED, "expected: a path", Forge.leaf(ID).signedBy(elsewhere), elsewhere);
        // The bundle of the partner names a root that may sign for the shop only.
        publisher.publishBundles(List.of(bundle(partner, root)));
        Holder leaf = Forge.leaf("spiffe://partner.example/orders").signedBy(root);
        refused(Reason.UNTRUSTED, "expected: a path", leaf);
    }

    @Test
    void unknownCriticalExtensionIsRefused() {
        refused(
                Reason.UNTRUSTED,
                "expected: a path",
                Forge.leaf(ID).unknownCriticalExtension().signedBy(intermediate),
                intermediate);
        Holder odd = Forge.authority("odd").unknownCriticalExtension().signedBy(root);
        refused(Reason.UNTRUSTED, "expected: a path", Forge.leaf(ID).signedBy(odd), odd);
    }

    @Test
    void weakSignaturesAndKeysAreRefusedWhereverTheyStand() throws Exception {
        refused(
                Reason.UNTRUSTED,
                "SHA1withECDSA",
                Forge.leaf(ID).algorithm("SHA1withECDSA").signedBy(intermediate),
                intermediate);
        Holder weak = Forge.authority("weak").algorithm("SHA1withECDSA").signedBy(root);
        refused(Reason.UNTRUSTED, "SHA1withECDSA", Forge.leaf(ID).signedBy(weak), weak);
        refused(Reason.UNTRUSTED, "RSA", Forge.leaf(ID).keys(rsa(1024, 65537)).signedBy(intermediate), intermediate);
        refused(Reason.UNTRUSTED, "RSA", Forge.leaf(ID).keys(rsa(2048, 3)).signedBy(intermediate), intermediate);
        refused(
                Reason.UNTRUSTED,
                "RSA",
                Forge.leaf(ID).keys(rsa(2048, (1L << 33) + 1)).signedBy(intermediate),
                intermediate);
        assertThat(verify(Forge.leaf(ID).keys(rsa(2048, 65537)).signedBy(intermediate), intermediate))
                .hasToString(ID);
        Holder weakRoot =
                Forge.authority("weak root").algorithm("SHA1withECDSA").selfSigned();
        publisher.publishBundles(List.of(bundle(shop, weakRoot)));
        refused(Reason.UNTRUSTED, "SHA1withECDSA", Forge.leaf(ID).signedBy(weakRoot));
    }

    @Test
    void longChainsAndLargeCertificatesAreRefusedUnread() {
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        refused(
                Reason.UNTRUSTED,
                "6 certificates",
                leaf,
                intermediate,
                intermediate,
                intermediate,
                intermediate,
                intermediate);
        refused(Reason.UNTRUSTED, "broken", leaf, intermediate, intermediate, intermediate);
        Forge crowded = Forge.leaf(ID);
        for (int i = 0; i < 10_000; i++) {
            crowded.name(GeneralName.dNSName, "n" + i + ".shop.example");
        }
        refused(Reason.UNTRUSTED, "bytes (expected", crowded.signedBy(intermediate), intermediate);
    }

    @Test
    void leafOutsideTheProfileIsNoIdentityWhoeverSignedIt() {
        refused(Reason.IDENTITY, "2 URI names", Forge.leaf(ID, ID).signedBy(intermediate), intermediate);
        refused(Reason.IDENTITY, "CA:true", Forge.leaf(ID).ca(true).signedBy(intermediate), intermediate);
    }

    @Test
    void provenLeafIsRememberedUntilTheBundlesChange() throws Exception {
        SvidVerifier verifier = new SvidVerifier(publisher.source(), CLOCK);
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        verifier.verify(chain(leaf, intermediate));
        assertThat(verifier.verify(chain(leaf)))
                .as("without its intermediate, from memory")
                .hasToString(ID);
        publisher.publishBundles(List.of(bundle(shop, Forge.root("next root"))));
        assertThatThrownBy(() -> verifier.verify(chain(leaf, intermediate))).hasMessageContaining("unknown issuer");
    }

    @Test
    void provenLeafIsRememberedWhileItsRootIsTrustedWhoeverElseComesAndGoes() throws Exception {
        SvidVerifier verifier = new SvidVerifier(publisher.source(), CLOCK);
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        Holder next = Forge.root("next root");
        verifier.verify(chain(leaf, intermediate));
        publisher.publishTrust(
                List.of(bundle(shop, root, next)),
                new Revocations(java.util.Set.of("00"), java.util.Set.of(SpiffeId.parse(ID + "/not"))));
        assertThat(verifier.verify(chain(leaf)))
                .as("without its intermediate, from memory")
                .hasToString(ID);
        publisher.publishBundles(List.of(bundle(shop, next)));
        assertThatThrownBy(() -> verifier.verify(chain(leaf, intermediate))).hasMessageContaining("unknown issuer");
        publisher.publishBundles(List.of(bundle(shop, Forge.root("shop root"), next)));
        assertThatThrownBy(() -> verifier.verify(chain(leaf, intermediate)))
                .as("a root of the same name")
                .hasMessageContaining("expected: a path");
    }

    @Test
    void rememberedLeafStillExpires() throws Exception {
        MutableClock clock = new MutableClock(Forge.NOW);
        SvidVerifier verifier = new SvidVerifier(publisher.source(), clock);
        Holder leaf = Forge.leaf(ID).valid(PAST, Forge.NOW.plusSeconds(10)).signedBy(intermediate);
        verifier.verify(chain(leaf, intermediate));
        clock.now = Forge.NOW.plusSeconds(11);
        assertThatThrownBy(() -> verifier.verify(chain(leaf, intermediate)))
                .isInstanceOfSatisfying(
                        SvidRejectedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXPIRED));
    }

    @Test
    void refusalIsNotRemembered() throws Exception {
        SvidVerifier verifier = new SvidVerifier(publisher.source(), CLOCK);
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        assertThatThrownBy(() -> verifier.verify(chain(leaf))).isInstanceOf(SvidRejectedException.class);
        assertThat(verifier.verify(chain(leaf, intermediate))).hasToString(ID);
    }

    @Test
    void secondRootOfTheSameNameIsTriedToo() throws Exception {
        Holder successor = Forge.root("shop root");
        publisher.publishBundles(List.of(new TrustBundle(shop, List.of(successor.certificate(), root.certificate()))));
        assertThat(verify(Forge.leaf(ID).signedBy(root))).hasToString(ID);
        assertThat(verify(Forge.leaf(ID).signedBy(successor))).hasToString(ID);
    }

    private SpiffeId verify(Holder... chain) throws SvidRejectedException {
        return new SvidVerifier(publisher.source(), CLOCK).verify(chain(chain));
    }

    private void refused(Reason reason, String message, Holder... chain) {
        assertThatThrownBy(() -> verify(chain))
                .isInstanceOfSatisfying(
                        SvidRejectedException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
                .hasMessageContaining(message);
    }

    private static List<X509Certificate> chain(Holder... holders) {
        return Stream.of(holders).map(Holder::certificate).toList();
    }

    private static TrustBundle bundle(TrustDomain domain, Holder... roots) {
        return new TrustBundle(
                domain, Arrays.stream(roots).map(Holder::certificate).toList());
    }

    private static KeyPair rsa(int bits, long exponent) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(new RSAKeyGenParameterSpec(bits, BigInteger.valueOf(exponent)));
        return generator.generateKeyPair();
    }

    private static final class MutableClock extends Clock {
        private Instant now;

        MutableClock(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    }

    // ---- what was taken back ----

    @Test
    void revokedSerialProvesNothingFromNowOn() throws Exception {
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        Holder other = Forge.leaf(ID).signedBy(intermediate);
        SvidVerifier verifier = new SvidVerifier(publisher.source(), CLOCK);
        assertThat(verifier.verify(List.of(leaf.certificate(), intermediate.certificate())))
                .hasToString(ID);
        revoke(new Revocations(java.util.Set.of(X509Svid.serialOf(leaf.certificate())), java.util.Set.of()));
        assertThatThrownBy(() -> verifier.verify(List.of(leaf.certificate(), intermediate.certificate())))
                .as("proven and remembered a moment ago")
                .hasMessageContaining("revoked");
        assertThat(verifier.verify(List.of(other.certificate(), intermediate.certificate())))
                .as("another leaf of the same identity")
                .hasToString(ID);
        revoke(Revocations.NONE);
        assertThat(verifier.verify(List.of(leaf.certificate(), intermediate.certificate())))
                .hasToString(ID);
    }

    @Test
    void revokedIdentityHasNoGoodLeaf() throws Exception {
        Holder leaf = Forge.leaf(ID).signedBy(intermediate);
        Holder neighbour = Forge.leaf("spiffe://shop.example/payment").signedBy(intermediate);
        revoke(new Revocations(java.util.Set.of(), java.util.Set.of(SpiffeId.parse(ID))));
        refused(Reason.REVOKED, "revoked", leaf, intermediate);
        assertThat(verify(neighbour, intermediate)).hasToString("spiffe://shop.example/payment");
    }

    private void revoke(Revocations revocations) throws Exception {
        publisher.publishTrust(List.of(bundle(shop, root), bundle(partner, partnerRoot)), revocations);
    }
}
