package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever key it is checked with, a leaf that is judged before it is handed out comes to the platform's verdict. */
class FreshLeafKeysTest {
    private static X509Certificate leaf(String algorithm, KeyPair by) throws Exception {
        Instant now = Instant.now();
        return FreshLeafTest.parsed(CertificateTemplate.workload(
                        new X500Name("CN=issuer"),
                        new Validity(now, now.plusSeconds(3600)),
                        Keys.of("secp256r1", 3).getPublic(),
                        new SpiffeId(new TrustDomain("shop.example"), "/sa/orders"))
                .build(new JcaContentSignerBuilder(algorithm).build(by.getPrivate()))
                .getEncoded());
    }

    @ParameterizedTest
    @CsvSource({
        "SHA256withECDSA, secp256r1",
        "SHA384withECDSA, secp256r1",
        "SHA256withECDSA, secp384r1",
        "SHA384withECDSA, secp384r1",
        "SHA512withECDSA, secp521r1",
        "SHA256withRSA, RSA",
        "SHA384withRSA, RSA",
        "Ed25519, Ed25519"
    })
    void issuersOfEveryKindAreJudgedAsByThePlatform(String algorithm, String kind) throws Exception {
        KeyPair by = Keys.of(kind, 1);
        X509Certificate leaf = leaf(algorithm, by);
        FreshLeafTest.fresh(leaf).verify(by.getPublic(), (String) null);
        List<KeyPair> others = List.of(
                Keys.of(kind, 2),
                Keys.of("secp256r1", 2),
                Keys.of("secp384r1", 2),
                Keys.of("RSA", 2),
                Keys.of("Ed25519", 2));
        for (KeyPair other : others) {
            assertThat(FreshLeafTest.verdict(FreshLeafTest.fresh(leaf), other.getPublic()))
                    .isNotEqualTo("good")
                    .isEqualTo(FreshLeafTest.verdict(leaf, other.getPublic()));
        }
    }

    /** A key object that lies about itself, or cannot say what it is, is not accepted for it. */
    @Test
    void keyThatCannotBeReadIsRefused() throws Exception {
        KeyPair by = Keys.of("secp256r1", 1);
        X509Certificate leaf = leaf("SHA256withECDSA", by);
        byte[] encoded = by.getPublic().getEncoded();
        byte[] offTheCurve = encoded.clone();
        offTheCurve[offTheCurve.length - 1] ^= 1;
        byte[] atInfinity = encoded.clone();
        Arrays.fill(atInfinity, atInfinity.length - 65, atInfinity.length, (byte) 0);
        for (byte[] bytes : List.of(offTheCurve, atInfinity, new byte[0], Arrays.copyOf(encoded, 40))) {
            assertThatThrownBy(() -> FreshLeafTest.fresh(leaf).verify(new Encoded(bytes)))
                    .isInstanceOf(GeneralSecurityException.class);
        }
    }

    private static final class Encoded implements PublicKey {
        private static final long serialVersionUID = 1;

        private final byte[] bytes;

        Encoded(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return bytes.clone();
        }
    }
}
