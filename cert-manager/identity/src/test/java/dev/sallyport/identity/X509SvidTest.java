package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Forge.Holder;
import dev.sallyport.identity.SvidRejectedException.Reason;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class X509SvidTest {
    private static final String ID = "spiffe://shop.example/orders";

    @Test
    void soundLeafGivesItsId() throws Exception {
        Holder leaf = Forge.leaf(ID).selfSigned();
        X509Svid svid = X509Svid.of(List.of(leaf.certificate()), leaf.key());
        assertThat(svid.id()).hasToString(ID);
        assertThat(svid.serial())
                .isEqualTo(X509Svid.serialOf(leaf.certificate()))
                .matches("([0-9a-f]{2})+");
        assertThat(X509Svid.fingerprintOf(leaf.certificate())).matches("[0-9a-f]{64}");
        assertThat(svid.notAfter()).isEqualTo(Forge.NOW.plusSeconds(24 * 3600));
        assertThat(svid).hasToString(ID + " serial " + svid.serial());
    }

    @Test
    void otherNamesBesideTheOneUriAreAllowed() throws Exception {
        Holder leaf =
                Forge.leaf(ID).name(GeneralName.dNSName, "orders.shop.example").selfSigned();
        assertThat(X509Svid.leafId(leaf.certificate())).hasToString(ID);
    }

    @Test
    void extendedKeyUsageMayBeAbsent() throws Exception {
        assertThat(X509Svid.leafId(Forge.leaf(ID).purposes().selfSigned().certificate()))
                .hasToString(ID);
    }

    static Stream<Arguments> oddLeaves() {
        int sign = KeyUsage.digitalSignature;
        return Stream.of(
                Arguments.of("no name", Forge.leaf(), "0 URI names"),
                Arguments.of("two URIs", Forge.leaf(ID, "spiffe://shop.example/payment"), "2 URI names"),
                Arguments.of("the same URI twice", Forge.leaf(ID, ID), "2 URI names"),
                Arguments.of("a second URI of another scheme", Forge.leaf(ID, "https://shop.example/"), "2 URI names"),
                Arguments.of("ID as DNS name", Forge.leaf().name(GeneralName.dNSName, "shop.example"), "0 URI names"),
                Arguments.of("ID as mail name", Forge.leaf().name(GeneralName.rfc822Name, ID), "0 URI names"),
                Arguments.of("ID in the common name", Forge.leaf().subject("CN=orders"), "0 URI names"),
                Arguments.of("another scheme", Forge.leaf("https://shop.example/orders"), "spiffe://"),
                Arguments.of("upper-case scheme", Forge.leaf("Spiffe://shop.example/orders"), "spiffe://"),
                Arguments.of("bare trust domain", Forge.leaf("spiffe://shop.example"), "names the workload"),
                Arguments.of("port", Forge.leaf("spiffe://shop.example:1/orders"), "trust domain"),
                Arguments.of("dot segment", Forge.leaf("spiffe://shop.example/a/../orders"), "path"),
                Arguments.of("embedded NUL", Forge.leaf("spiffe://shop.example/orders\0.evil"), "expected"),
                Arguments.of("CA", Forge.leaf(ID).ca(true), "CA:true"),
                Arguments.of("no key usage", Forge.leaf(ID).usage(0), "digitalSignature"),
                Arguments.of("no digitalSignature", Forge.leaf(ID).usage(KeyUsage.keyAgreement), "digitalSignature"),
                Arguments.of("keyCertSign", Forge.leaf(ID).usage(sign | KeyUsage.keyCertSign), "keyCertSign"),
                Arguments.of("cRLSign", Forge.leaf(ID).usage(sign | KeyUsage.cRLSign), "cRLSign"),
                Arguments.of("server only", Forge.leaf(ID).purposes(KeyPurposeId.id_kp_serverAuth), "clientAuth"),
                Arguments.of("client only", Forge.leaf(ID).purposes(KeyPurposeId.id_kp_clientAuth), "serverAuth"),
                Arguments.of("mail", Forge.leaf(ID).purposes(KeyPurposeId.id_kp_emailProtection), "serverAuth"),
                Arguments.of("any purpose", Forge.leaf(ID).purposes(KeyPurposeId.anyExtendedKeyUsage), "serverAuth"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oddLeaves")
    void leafOutsideTheProfileIsNoIdentity(String what, Forge forge, String message) {
        assertThatThrownBy(() -> X509Svid.leafId(forge.selfSigned().certificate()))
                .as(what)
                .isInstanceOfSatisfying(
                        SvidRejectedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IDENTITY))
                .hasMessageContaining(message);
    }

    @Test
    void keyOfAnotherCertificateIsRefused() {
        Holder leaf = Forge.leaf(ID).selfSigned();
        KeyPair other = CertificateSigningRequest.newKeyPair();
        assertThatThrownBy(() -> X509Svid.of(List.of(leaf.certificate()), other.getPrivate()))
                .hasMessageContaining("the key of the leaf");
    }

    @Test
    void onlyP256KeysAreOurs() throws Exception {
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp384r1"));
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        Holder p384 = Forge.leaf(ID).keys(ec.generateKeyPair()).selfSigned();
        Holder rsa2048 = Forge.leaf(ID)
                .keys(rsa.generateKeyPair())
                .algorithm("SHA256withRSA")
                .selfSigned();
        for (Holder leaf : List.of(p384, rsa2048)) {
            assertThatThrownBy(() -> X509Svid.of(List.of(leaf.certificate()), leaf.key()))
                    .hasMessageContaining("EC P-256");
        }
    }

    @Test
    void pemRoundTripKeepsChainAndKey() throws Exception {
        Holder root = Forge.root("root");
        Holder leaf = Forge.leaf(ID).signedBy(root);
        String chain = Pem.encode(List.of(leaf.certificate(), root.certificate()));
        X509Svid svid = X509Svid.ofPem(chain, Pem.encode(leaf.key()));
        assertThat(svid.chain()).containsExactly(leaf.certificate(), root.certificate());
        assertThat(svid.privateKey()).isEqualTo(leaf.key());
        assertThat(svid.toString()).doesNotContain("PRIVATE");
    }
}
