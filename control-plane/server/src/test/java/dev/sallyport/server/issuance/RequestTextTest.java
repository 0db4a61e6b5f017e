package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.Standing;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.ca.Generation;
import dev.sallyport.server.ca.SigningPause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What reaches the authority of the text in which a sidecar sends its request. */
class RequestTextTest {
    private static final byte[] DER = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());
    private static final String PEM = Pem.encode("CERTIFICATE REQUEST", DER);
    private static final String BEGIN = "-----BEGIN CERTIFICATE REQUEST-----";
    private static final String END = "-----END CERTIFICATE REQUEST-----";
    private static final SpiffeId ORDERS = new SpiffeId(new TrustDomain("shop.example"), "/orders");

    private final List<byte[]> asked = new ArrayList<>();

    static Stream<String> requests() {
        String oneLine = BEGIN + PEM.replace(BEGIN, "").replace(END, "").replaceAll("\\s", "") + END;
        return Stream.of(PEM, PEM.strip(), PEM.replace("\n", "\r\n"), "\n \t" + PEM + "\n\n", oneLine);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void requestReachesTheAuthorityByteByByte(String text) {
        assertThatThrownBy(() -> sign(text)).hasMessage("csrPem: asked");
        assertThat(asked).singleElement().isEqualTo(DER);
    }

    static Stream<String> others() {
        return Stream.of(
                "",
                " ",
                BEGIN,
                BEGIN + END,
                PEM + PEM,
                PEM + Pem.encode("PRIVATE KEY", new byte[] {1}),
                "Subject: orders\n" + PEM,
                PEM + "#",
                PEM.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"),
                PEM.replace("CERTIFICATE REQUEST", "CERTIFICATE"),
                PEM.replace("CERTIFICATE REQUEST", "certificate request"),
                PEM.replace(END, "-----END CERTIFICATE-----"),
                PEM.replace("-----", "----"),
                PEM.replace(BEGIN, BEGIN + "\nProc-Type: 4,ENCRYPTED\n"),
                PEM.replace(BEGIN, BEGIN + "\0"),
                PEM.replace(BEGIN, BEGIN + "\u00a0"),
                PEM.replace(BEGIN, "\ufeff" + BEGIN),
                PEM.replace(BEGIN, BEGIN + "-_"),
                PEM.replace(BEGIN, BEGIN + "\u0130"),
                BEGIN + "A".repeat(8_193) + END);
    }

    @ParameterizedTest
    @MethodSource("others")
    void otherTextDoesNotReachTheAuthority(String text) {
        assertThatThrownBy(() -> sign(text))
                .isInstanceOf(RefusedException.class)
                .hasMessage("csrPem (expected: one PEM block CERTIFICATE REQUEST)");
        assertThat(asked).isEmpty();
    }

    static Stream<String> brokenBase64() {
        return Stream.of("A", "=", "====", "AAAA=AAAA", "AA==AAAA", "AAA", "AAAAA");
    }

    /** Some decoders take the first half of these, some take all: none of it may become another request. */
    @ParameterizedTest
    @MethodSource("brokenBase64")
    void brokenBase64IsRefused(String base64) {
        assertThatThrownBy(() -> sign(BEGIN + "\n" + base64 + "\n" + END))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("csrPem");
        assertThat(asked).allSatisfy(der -> assertThat(der).hasSizeLessThan(4));
    }

    /** The pattern looks at each character once; one that tries every way to split the blanks would be here for years. */
    @Test
    @Timeout(20)
    void endlessBlanksAreRefusedAtOnce() {
        for (String text : List.of(
                " ".repeat(1 << 20),
                BEGIN + " ".repeat(1 << 20),
                PEM + " ".repeat(1 << 20) + "x",
                BEGIN + "\n".repeat(8_192),
                BEGIN + " A".repeat(4_096) + "-----END")) {
            assertThatThrownBy(() -> sign(text)).isInstanceOf(RefusedException.class);
        }
        assertThat(asked).isEmpty();
    }

    private void sign(String text) throws Exception {
        var generation = new Generation(1, AuthorityKind.EMBEDDED, new AskedAuthority());
        new LeafSigning(new SigningPause(System::nanoTime)).sign(generation, text, ORDERS, Duration.ofHours(1));
    }

    /** Signs nothing, and keeps what it was asked. */
    private final class AskedAuthority implements CertificateAuthority {
        @Override
        public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life) throws IssuanceRefusedException {
            asked.add(csrDer);
            throw new IssuanceRefusedException("asked");
        }

        @Override
        public TrustBundle trustBundle() {
            throw new AssertionError("not asked for");
        }

        @Override
        public Standing standing() {
            throw new AssertionError("not asked for");
        }
    }
}
