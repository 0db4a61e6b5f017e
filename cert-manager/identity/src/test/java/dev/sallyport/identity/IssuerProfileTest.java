package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Forge.Holder;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerProfileTest {
    private static final String ID = "spiffe://shop.example/orders";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final Clock CLOCK = Clock.fixed(Forge.NOW, ZoneOffset.UTC);
    private static final Holder ROOT = Forge.root("root");

    @Test
    void issuerMustSayThatItSignsCertificates() throws Exception {
        int crls = KeyUsage.cRLSign | KeyUsage.digitalSignature;
        for (Forge mute : List.of(authority().usage(0), authority().usage(crls))) {
            refusedBelow(mute.signedBy(ROOT), "keyCertSign");
        }
        assertThat(verifyBelow(authority().usage(KeyUsage.keyCertSign).signedBy(ROOT)))
                .hasToString(ID);
    }

    @Test
    void rootMustSayThatItSignsCertificates() throws Exception {
        Holder mute = Forge.authority("root").usage(0).selfSigned();
        assertThatThrownBy(() -> verify(mute, Forge.leaf(ID).signedBy(mute))).hasMessageContaining("keyCertSign");
        assertThat(verify(ROOT, Forge.leaf(ID).signedBy(ROOT))).hasToString(ID);
    }

    /** RFC 5280 section 4.2.1.10 wants them critical; whoever forgot that meant them all the same. */
    @Test
    void constraintsCountThatAreNotCritical() throws Exception {
        // [1] excludedSubtrees { [6] "shop.example" }, and the same for another name.
        byte[] ours = HexFormat.of().parseHex("3012a110300e860c" + hex("shop.example"));
        byte[] others = HexFormat.of().parseHex("3013a111300f860d" + hex("other.example"));
        refusedBelow(authority().extension(NAME_CONSTRAINTS, false, ours).signedBy(ROOT), "name constraints");
        assertThat(verifyBelow(
                        authority().extension(NAME_CONSTRAINTS, false, others).signedBy(ROOT)))
                .hasToString(ID);
    }

    /** The JDK skips what it cannot read where it is not critical: an authority that was confined would be free. */
    @ParameterizedTest
    @ValueSource(strings = {"0500", "04020500", "3005a103020100", "30058603616263", "3003a1050000", "30", ""})
    void constraintsThatDoNotParseAreRefused(String der) {
        refusedBelow(
                authority()
                        .extension(NAME_CONSTRAINTS, false, HexFormat.of().parseHex(der))
                        .signedBy(ROOT),
                "do not parse");
    }

    @Test
    void constraintsAndPoliciesAreBoundedAtOneKilobyte() throws Exception {
        for (String oid : List.of("2.5.29.32", "2.5.29.33")) {
            refusedBelow(authority().extension(oid, false, new byte[1021]).signedBy(ROOT), oid + " of 1025 bytes");
            refusedBelow(
                    authority().extension(oid, false, new byte[1021]).signedBy(Forge.root("root")),
                    oid + " of 1025 bytes");
        }
        // [1] excludedSubtrees of one [2] dNSName; with the header of its OCTET STRING 1,024 bytes.
        byte[] largest = HexFormat.of().parseHex("308203f8a18203f4308203f0828203ec" + hex("a".repeat(0x3ec)));
        assertThat(verifyBelow(
                        authority().extension(NAME_CONSTRAINTS, false, largest).signedBy(ROOT)))
                .hasToString(ID);
        byte[] larger = HexFormat.of().parseHex("308203f9a18203f5308203f1828203ed" + hex("a".repeat(0x3ed)));
        refusedBelow(
                authority().extension(NAME_CONSTRAINTS, false, larger).signedBy(ROOT),
                NAME_CONSTRAINTS + " of 1025 bytes");
    }

    private static Forge authority() {
        return Forge.authority("intermediate");
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static void refusedBelow(Holder issuer, String message) {
        assertThatThrownBy(() -> verifyBelow(issuer))
                .isInstanceOf(SvidRejectedException.class)
                .hasMessageContaining(message);
    }

    private static SpiffeId verifyBelow(Holder issuer) throws SvidRejectedException {
        return verify(ROOT, Forge.leaf(ID).signedBy(issuer), issuer);
    }

    private static SpiffeId verify(Holder root, Holder... chain) throws SvidRejectedException {
        SvidPublisher publisher = new SvidPublisher(CLOCK);
        publisher.publishBundles(
                List.of(new TrustBundle(new TrustDomain("shop.example"), List.of(root.certificate()))));
        return new SvidVerifier(publisher.source(), CLOCK)
                .verify(Stream.of(chain).map(Holder::certificate).toList());
    }
}
