package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe://shop.example/ns/shop/sa/orders",
                "spiffe://a/b",
                "spiffe://under_score-1.example/A.b_c-9",
                "spiffe://shop.example/...",
                "spiffe://shop.example/.hidden",
                "spiffe://10.0.0.1/service",
            })
    void validIdIsReadAndWrittenUnchanged(String uri) throws Exception {
        assertThat(SpiffeId.parse(uri)).hasToString(uri);
    }

    static Stream<String> invalid() {
        return Stream.of(
                "",
                "/ns/a",
                "shop.example/a",
                "http://shop.example/a",
                "Spiffe://shop.example/a",
                "SPIFFE://shop.example/a",
                "spiffe:/shop.example/a",
                "spiffe:shop.example/a",
                " spiffe://shop.example/a",
                "spiffe://shop.example/a ",
                "spiffe://",
                "spiffe:///a",
                "spiffe://shop.example",
                "spiffe://shop.example/",
                "spiffe://shop.example/a/",
                "spiffe://shop.example//a",
                "spiffe://shop.example/a//b",
                "spiffe://shop.example/./a",
                "spiffe://shop.example/a/..",
                "spiffe://shop.example/../b",
                "spiffe://Shop.example/a",
                "spiffe://shop.example:443/a",
                "spiffe://shop.example:/a",
                "spiffe://user@shop.example/a",
                "spiffe://user:secret@shop.example/a",
                "spiffe://shop.example/a?b=c",
                "spiffe://shop.example/a?",
                "spiffe://shop.example/a#b",
                "spiffe://shop.example#",
                "spiffe://shop.example/%61",
                "spiffe://shop%2eexample/a",
                "spiffe://shop.example/a%2fb",
                "spiffe://shop.example/a\\b",
                "spiffe://shop.example/a\0",
                "spiffe://shop\0.example/a",
                "spiffe://shop.example/a\n",
                "spiffe://shop.example/a;b",
                "spiffe://shop.example/a:b",
                "spiffe://shop.example/ä",
                "spiffe://shöp.example/a",
                "spiffe://[::1]/a",
                "spiffe://shop.example/" + "a".repeat(2048),
                "spiffe://" + "a".repeat(256) + "/a");
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void invalidIdIsRefused(String uri) {
        assertThatThrownBy(() -> SpiffeId.parse(uri))
                .isInstanceOf(InvalidSpiffeIdException.class)
                .hasMessageContaining("expected:")
                .message()
                .hasSizeLessThan(500)
                .doesNotContain("\0", "\n");
    }

    @Test
    void everyOtherCharacterIsRefused() {
        for (char c = 0; c < 0x180; c++) {
            boolean small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
            assertThat(parses("spiffe://shop" + c + ".example/a"))
                    .as("trust domain with %#x", (int) c)
                    .isEqualTo(small || c == '/');
            assertThat(parses("spiffe://shop.example/a" + c + "b"))
                    .as("path with %#x", (int) c)
                    .isEqualTo(small || c == '/' || (c >= 'A' && c <= 'Z'));
        }
    }

    private static boolean parses(String uri) {
        try {
            return SpiffeId.parse(uri).toString().equals(uri);
        } catch (InvalidSpiffeIdException e) {
            return false;
        }
    }

    @Test
    void lengthIsBoundedAt2048Exactly() throws Exception {
        String prefix = "spiffe://shop.example/";
        String longest = prefix + "a".repeat(2048 - prefix.length());
        assertThat(SpiffeId.parse(longest).toString()).hasSize(2048);
        assertThatThrownBy(() -> SpiffeId.parse(longest + "a")).hasMessageContaining("2049");
        assertThat(TrustDomain.parse("a".repeat(255)).name()).hasSize(255);
    }

    @Test
    void constructorsRefuseWhatParsingRefuses() throws Exception {
        TrustDomain shop = TrustDomain.parse("shop.example");
        assertThatIllegalArgumentException().isThrownBy(() -> new TrustDomain("Shop"));
        assertThatIllegalArgumentException().isThrownBy(() -> new SpiffeId(shop, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new SpiffeId(shop, "a"));
        assertThatIllegalArgumentException().isThrownBy(() -> new SpiffeId(shop, "/a/"));
        assertThatThrownBy(() -> shop.id("a")).isInstanceOf(InvalidSpiffeIdException.class);
        assertThatThrownBy(() -> shop.id(".evil/a")).isInstanceOf(InvalidSpiffeIdException.class);
    }

    @Test
    void trustDomainHasAnUriOfItsOwnThatIsNoWorkload() throws Exception {
        TrustDomain shop = TrustDomain.parse("shop.example");
        assertThat(shop.uri()).isEqualTo("spiffe://shop.example");
        assertThatThrownBy(() -> SpiffeId.parse(shop.uri())).hasMessageContaining("names the workload");
    }

    @Test
    void productsOwnPathsAreReserved() throws Exception {
        TrustDomain shop = TrustDomain.parse("shop.example");
        assertThat(SpiffeId.controlPlane(shop)).hasToString("spiffe://shop.example/sallyport/control-plane");
        assertThat(SpiffeId.controlPlane(shop).reserved()).isTrue();
        assertThat(shop.id("/sallyport").reserved()).isTrue();
        assertThat(shop.id("/sallyports/a").reserved()).isFalse();
        assertThat(shop.id("/ns/sallyport/a").reserved()).isFalse();
    }
}
