package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Forge.Holder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PemTest {
    private static final Holder ROOT = Forge.root("root");
    private static final String CERTIFICATE = Pem.encode(List.of(ROOT.certificate()));
    private static final String KEY = Pem.encode(ROOT.key());

    @Test
    void certificatesRoundTripInOrder() throws Exception {
        Holder other = Forge.root("other");
        String pem = CERTIFICATE + "\n" + Pem.encode(List.of(other.certificate()));
        assertThat(Pem.certificates(pem)).containsExactly(ROOT.certificate(), other.certificate());
        assertThat(Pem.certificates(pem.replace("\n", "\r\n"))).hasSize(2);
    }

    @Test
    void linesAreSixtyFourCharactersWide() {
        assertThat(CERTIFICATE.lines()).allMatch(line -> line.length() <= 64).anyMatch(line -> line.length() == 64);
        assertThat(CERTIFICATE)
                .startsWith("-----BEGIN CERTIFICATE-----\n")
                .endsWith("\n-----END CERTIFICATE-----\n")
                .doesNotContain("\n\n");
    }

    @Test
    void keyRoundTrips() throws Exception {
        assertThat(Pem.privateKey(KEY)).isEqualTo(ROOT.key());
    }

    static Stream<String> noCertificates() {
        return Stream.of(
                "",
                "\n\n",
                "certificate",
                KEY,
                CERTIFICATE + KEY,
                "Subject: root\n" + CERTIFICATE,
                CERTIFICATE + "trailing",
                CERTIFICATE + "-----BEGIN CERTIFICATE-----\n",
                CERTIFICATE.replace("-----END CERTIFICATE-----", "-----END X509 CRL-----"),
                CERTIFICATE.replace("-----END CERTIFICATE-----\n", ""),
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n",
                Pem.encode("CERTIFICATE", new byte[] {0x30, 0x03, 0x02, 0x01, 0x05}),
                Pem.encode("CERTIFICATE", twice(Pem.der(ROOT.certificate()))),
                Pem.encode("CERTIFICATE", new byte[2 << 20]));
    }

    @ParameterizedTest
    @MethodSource("noCertificates")
    void anythingElseIsRefusedWhole(String pem) {
        assertThatThrownBy(() -> Pem.certificates(pem))
                .isInstanceOf(SvidRejectedException.class)
                .hasMessageContaining("PEM");
    }

    static Stream<String> noKeys() {
        return Stream.of(
                "",
                CERTIFICATE,
                KEY + KEY,
                KEY.replace("PRIVATE KEY", "EC PRIVATE KEY"),
                KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
                KEY.substring(0, KEY.length() / 2),
                Pem.encode("PRIVATE KEY", new byte[] {0x30, 0x03, 0x02, 0x01, 0x05}));
    }

    @ParameterizedTest
    @MethodSource("noKeys")
    void brokenKeyIsRefusedAndNotQuoted(String pem) {
        String body = KEY.lines().skip(1).findFirst().orElseThrow();
        assertThatThrownBy(() -> Pem.privateKey(pem))
                .isInstanceOf(SvidRejectedException.class)
                .hasNoCause()
                .message()
                .contains("PEM")
                .doesNotContain(body.substring(0, 20));
    }

    private static byte[] twice(byte[] der) {
        byte[] twice = java.util.Arrays.copyOf(der, 2 * der.length);
        System.arraycopy(der, 0, twice, der.length, der.length);
        return twice;
    }
}
