package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.CertificateSigningRequest;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SigningRequestTest {
    private final KeyPair keys = CertificateSigningRequest.newKeyPair();

    @Test
    void soundRequestGivesItsKey() throws Exception {
        assertThat(SigningRequest.parse(CertificateSigningRequest.der(keys)).publicKey())
                .isEqualTo(keys.getPublic());
    }

    @Test
    void namesAndWishesAreIgnored() throws Exception {
        byte[] greedy = Requests.greedy(keys, "spiffe://shop.example/payment");
        assertThat(SigningRequest.parse(greedy)).isEqualTo(new SigningRequest(keys.getPublic()));
    }

    @Test
    void otherKeysAreRefused() throws Exception {
        KeyPair rsa = Requests.rsa(1024);
        refused(Requests.request(rsa, rsa, "SHA256withRSA"), "P-256");
        KeyPair p384 = Requests.ec("secp384r1");
        refused(Requests.request(p384, p384, "SHA256withECDSA"), "P-256");
        KeyPair edwards = java.security.KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        refused(Requests.request(edwards, edwards, "Ed25519"), "P-256");
    }

    @Test
    void requestSignedByAnotherKeyProvesNoPossession() throws Exception {
        refused(Requests.request(keys, CertificateSigningRequest.newKeyPair(), "SHA256withECDSA"), "possession");
        refused(Requests.request(keys, keys, "SHA1withECDSA"), "ecdsa-with-SHA256");
    }

    @Test
    void pointOffTheCurveIsRefused() {
        byte[] der = CertificateSigningRequest.der(keys);
        byte[] spki = keys.getPublic().getEncoded();
        byte[] point = Arrays.copyOfRange(spki, spki.length - 64, spki.length);
        int at = indexOf(der, point);
        der[at + 63] ^= 1;
        refused(der, "off the curve");
    }

    @Test
    void otherBytesAreRefused() throws Exception {
        byte[] der = CertificateSigningRequest.der(keys);
        refused(new byte[0], "PKCS#10");
        refused(new byte[] {0x30, 0x00}, "PKCS#10");
        refused(Arrays.copyOf(der, der.length - 1), "PKCS#10");
        refused(Arrays.copyOf(der, der.length + 1), "PKCS#10");
        refused(new byte[8193], "8193 bytes");
        refused(CertificateSigningRequest.pem(keys).getBytes(java.nio.charset.StandardCharsets.US_ASCII), "PKCS#10");
    }

    /** Whatever one flipped bit does, it never ends as a key, nor as anything but a refusal. */
    @Test
    void everyFlippedBitIsARefusal() {
        byte[] der = CertificateSigningRequest.der(keys);
        for (int bit = 0; bit < der.length * 8; bit++) {
            byte[] flipped = der.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> SigningRequest.parse(flipped))
                    .as("bit %d of %s", bit, HexFormat.of().formatHex(der))
                    .isInstanceOf(IssuanceRefusedException.class);
        }
    }

    private static void refused(byte[] der, String message) {
        assertThatThrownBy(() -> SigningRequest.parse(der))
                .isInstanceOf(IssuanceRefusedException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("expected:");
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at + part.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("key not found in its own request");
    }
}
