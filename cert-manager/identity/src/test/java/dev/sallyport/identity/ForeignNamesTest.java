package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Names in certificates that mean to pass for a SPIFFE ID, by their text or by their encoding. */
class ForeignNamesTest {
    private static final String ID = "spiffe://shop.example/orders";
    private static final String NAMES = "2.5.29.17";
    private static final HexFormat HEX = HexFormat.of();

    @ParameterizedTest
    @MethodSource("dev.sallyport.identity.SpiffeIdTest#invalid")
    void whatIsNoSpiffeIdIsNoneInACertificateEither(String uri) {
        assertThatThrownBy(() -> X509Svid.leafId(Forge.leaf(uri).selfSigned().certificate()))
                .isInstanceOfSatisfying(
                        SvidRejectedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IDENTITY))
                .message()
                .hasSizeLessThan(600)
                .doesNotContain("\0", "\n");
    }

    @Test
    void idOf2048BytesIsRead() throws Exception {
        String longest = "spiffe://shop.example/" + "a".repeat(2048 - "spiffe://shop.example/".length());
        assertThat(X509Svid.leafId(Forge.leaf(longest).selfSigned().certificate()))
                .hasToString(longest);
    }

    @ParameterizedTest
    @MethodSource("dev.sallyport.identity.SpiffeIdTest#invalid")
    void whatIsNoSpiffeIdDoesNoHarmBesideOne(String text) throws Exception {
        for (int type : new int[] {GeneralName.dNSName, GeneralName.rfc822Name}) {
            Forge forge = Forge.leaf(ID).name(type, text);
            try {
                assertThat(X509Svid.leafId(forge.selfSigned().certificate())).hasToString(ID);
            } catch (SvidRejectedException e) {
                assertThat(e.reason()).isEqualTo(Reason.IDENTITY); // Names that the JDK cannot read.
            }
        }
    }

    /** {@code der} is the value of a subjectAltName whose one good name is a SPIFFE ID. */
    static Stream<Arguments> encodings() {
        String id = "861c" + HEX.formatHex(ID.getBytes(StandardCharsets.US_ASCII));
        String noTag = id.substring(2);
        return Stream.of(
                Arguments.of("constructed", "301ea6" + noTag),
                Arguments.of("as a dNSName", "301e82" + noTag),
                Arguments.of("as an rfc822Name", "301e81" + noTag),
                Arguments.of("as an unknown kind of name", "301e89" + noTag),
                Arguments.of("as a universal IA5String", "301e16" + noTag),
                Arguments.of("twice", "303c" + id + id),
                Arguments.of("then an empty URI", "3020" + id + "8600"),
                Arguments.of("then a URI that does not parse", "3023" + id + "8603203a25"),
                Arguments.of("then a name that does not parse", "3022" + id + "a0020500"),
                Arguments.of("then UTF-8", "3020861e" + noTag.substring(2) + "c3a4"),
                Arguments.of("then a byte above ASCII", "301f861d" + noTag.substring(2) + "e1"),
                Arguments.of("then NUL", "301f861d" + noTag.substring(2) + "00"),
                Arguments.of("in a set", "311e" + id),
                Arguments.of("in a second sequence", "3000301e" + id),
                Arguments.of("after the end of its sequence", "3000" + id),
                Arguments.of("cut short", "301e" + id.substring(0, id.length() - 2)),
                Arguments.of("of no names", "3000"),
                Arguments.of("of no bytes", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("encodings")
    void oddEncodingNamesNobody(String what, String der) {
        for (boolean critical : new boolean[] {true, false}) {
            Forge forge = Forge.leaf().extension(NAMES, critical, HEX.parseHex(der));
            assertThatThrownBy(() -> X509Svid.leafId(parsed(forge))).as(what).isInstanceOf(CertificateException.class);
        }
    }

    @Test
    void sameEncodingWithoutTheOddityIsAnIdentity() throws Exception {
        String id = "861c" + HEX.formatHex(ID.getBytes(StandardCharsets.US_ASCII));
        for (String names : new String[] {"301e" + id, "3023" + id + "88032a0304", "3022" + id + "a4023000"}) {
            assertThat(X509Svid.leafId(parsed(Forge.leaf().extension(NAMES, true, HEX.parseHex(names)))))
                    .as(names)
                    .hasToString(ID);
        }
    }

    /** Some do not even survive the JDK's parser. */
    private static X509Certificate parsed(Forge forge) throws CertificateException {
        try {
            return forge.selfSigned().certificate();
        } catch (AssertionError e) {
            throw new CertificateException(e.getCause());
        }
    }
}
