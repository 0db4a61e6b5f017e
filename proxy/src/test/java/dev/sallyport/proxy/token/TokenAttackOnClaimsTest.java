package dev.sallyport.proxy.token;

import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.token.TestIssuers.PARTNER;
import static dev.sallyport.proxy.token.TestIssuers.SECONDS;
import static dev.sallyport.proxy.token.TestIssuers.SHOP;
import static dev.sallyport.proxy.token.TestIssuers.answer;
import static dev.sallyport.proxy.token.TestIssuers.header;
import static dev.sallyport.proxy.token.TestIssuers.keys;
import static dev.sallyport.proxy.token.TestIssuers.payload;
import static dev.sallyport.proxy.token.TestIssuers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.proxy.testing.Forge;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks 58 and 59, and rows 19 to 22 of the data plane's: every token here bears a good signature, and what it says must have one time and one addressee. */
class TokenAttackOnClaimsTest {
    private static final ECKey KEY = Forge.key("one");
    private static final ECKey PARTNERS = Forge.key("partner");
    private static final Map<String, IssuerKeys> ISSUERS = snapshot(keys(SHOP, KEY), keys(PARTNER, PARTNERS));

    private static String ofText(String payload) {
        return answer(ISSUERS, Forge.token(KEY, header(), payload));
    }

    private static String of(String... changes) {
        return ofText(payload(changes));
    }

    // ---- 58: times ----

    @ParameterizedTest
    @ValueSource(strings = {"exp", "nbf", "iat"})
    void timeThatIsNoNumberOfSecondsIsInvalid(String name) {
        long time = name.equals("exp") ? SECONDS + 300 : SECONDS - 300;
        assertThat(of(name, Long.toString(time))).isEqualTo("verified");
        for (String form : List.of(
                quoted(Long.toString(time)),
                time + ".0",
                time + ".5",
                time + "e0",
                "1e10",
                "-1",
                "-" + time,
                "-9223372036854775808",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775809",
                "18446744073709551616",
                "253402300800", // the year 10000
                "1e309",
                "null",
                "true",
                "false",
                "\"\"",
                "\"never\"",
                "\"2099-01-01T00:00:00Z\"",
                "[]",
                "[" + time + "]",
                "{}",
                "{\"seconds\":" + time + "}")) {
            assertThat(of(name, form)).as(form).isEqualTo("token_invalid");
        }
        assertThat(of(name, "")).isEqualTo(name.equals("exp") ? "token_invalid" : "verified");
    }

    static Stream<Arguments> times() {
        return Stream.of(
                Arguments.of("exp", 1, "verified"),
                Arguments.of("exp", 0, "verified"),
                Arguments.of("exp", -29, "verified"),
                Arguments.of("exp", -30, "token_expired"),
                Arguments.of("exp", -31, "token_expired"),
                Arguments.of("exp", -1_000_000_000, "token_expired"),
                Arguments.of("nbf", 0, "verified"),
                Arguments.of("nbf", 30, "verified"),
                Arguments.of("nbf", 31, "token_invalid"),
                Arguments.of("nbf", 1_000_000_000, "token_invalid"),
                Arguments.of("iat", 0, "verified"),
                Arguments.of("iat", 30, "verified"),
                Arguments.of("iat", 31, "token_invalid"),
                Arguments.of("iat", 1_000_000_000, "token_invalid"),
                Arguments.of("iat", -1_000_000_000, "verified"));
    }

    @ParameterizedTest(name = "{0} {1} s from now: {2}")
    @MethodSource("times")
    void timeHoldsWithinTheLeewayToTheSecond(String name, int ahead, String expected) {
        assertThat(of(name, Long.toString(SECONDS + ahead))).isEqualTo(expected);
    }

    @Test
    void tokenThatIsBadInSeveralWaysNeverSaysWhatOnlyItsIssuerMayLearn() {
        String stale = payload("exp", "1", "aud", "\"elsewhere\"");
        assertThat(answer(ISSUERS, Forge.token(Forge.key("one"), header(), stale)))
                .isEqualTo("token_signature");
        assertThat(answer(ISSUERS, Forge.token(KEY, header("kid", "\"two\""), stale)))
                .isEqualTo("token_key_unknown");
        assertThat(ofText(stale)).isEqualTo("token_expired");
    }

    // ---- 59: from whom, for whom ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "7",
                "true",
                "{}",
                "[]",
                "\"\"",
                "\"shop\"",
                "\"shop-api2\"",
                "\"shop-ap\"",
                "\"hop-api\"",
                "\"shop-api \"",
                "\" shop-api\"",
                "\"Shop-Api\"",
                "\"SHOP-API\"",
                "\"shop-api/\"",
                "\"shop-api\\u0000\"",
                "\"shop-api shop-app\"",
                "\"shop-api,other\"",
                "\"*\"",
                "\"sh\\u043ep-api\"",
                "\"shop\\u2010api\"",
                "[\"\"]",
                "[\"shop\",\"api\"]",
                "[\"shop-api2\"]",
                "[[\"shop-api\"]]",
                "[{\"aud\":\"shop-api\"}]",
                "[null]",
                "[7,\"shop-api\"]",
                "[\"shop-api\",null]",
                "{\"shop-api\":true}",
                "{\"0\":\"shop-api\"}"
            })
    void tokenForOthersIsRefused(String audience) {
        assertThat(of("aud", audience)).isEqualTo("token_audience");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"shop-api\"",
                "\"shop-app\"",
                "[\"shop-api\"]",
                "[\"other\",\"shop-api\"]",
                "[\"shop-app\",\"shop-api\"]",
                "\"\\u0073hop-api\""
            })
    void tokenForUsAmongOthersHolds(String audience) {
        assertThat(of("aud", audience)).isEqualTo("verified");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "7",
                "{}",
                "[]",
                "[\"https://auth.shop.example\"]",
                "\"\"",
                "\"shop\"",
                "\"https://auth.shop.example/\"",
                "\"https://AUTH.shop.example\"",
                "\"HTTPS://auth.shop.example\"",
                "\"http://auth.shop.example\"",
                "\"https://auth.shop.example:443\"",
                "\"https://auth.shop.example.\"",
                "\"https://auth.shop.example#\"",
                "\"https://auth.shop.example?\"",
                "\"https://a@auth.shop.example\"",
                "\"https://auth.shop.example \"",
                "\" https://auth.shop.example\"",
                "\"https://auth.shop.example\\u0000\"",
                "\"https://auth.shop.example/realms/b\"",
                "\"https://evil.example\"",
                "\"auth.shop.example\"",
                "\"https://auth.shop.ex\\u0430mple\"",
                "\"https://partner.example/realms/b\"",
                "\"https://partner.example/realms/A\"",
                "\"https://partner.example/realms/a/\"",
                "\"https://partner.example/realms/%61\"",
                "\"https://partner.example//realms/a\""
            })
    void issuerIsExactlyOneOfOursOrNobody(String issuer) {
        assertThat(of("iss", issuer)).isEqualTo("token_issuer");
    }

    @Test
    void issuersDoNotSignForEachOther() {
        String partners = payload("iss", quoted(PARTNER));
        assertThat(answer(ISSUERS, Forge.token(PARTNERS, header("kid", "\"partner\""), partners)))
                .isEqualTo("verified");
        assertThat(answer(ISSUERS, Forge.token(KEY, header(), partners))).isEqualTo("token_key_unknown");
        assertThat(answer(ISSUERS, Forge.token(KEY, header("kid", "\"partner\""), partners)))
                .isEqualTo("token_signature");
        assertThat(answer(ISSUERS, Forge.token(PARTNERS, header("kid", "\"partner\""), payload())))
                .isEqualTo("token_key_unknown");
        assertThat(answer(ISSUERS, Forge.token(PARTNERS, header("kid", ""), payload())))
                .isEqualTo("token_signature");
        ECKey namesake = new ECKey.Builder(PARTNERS).keyID("one").build();
        Map<String, IssuerKeys> sameKeyId = snapshot(keys(SHOP, KEY), keys(PARTNER, namesake));
        assertThat(answer(sameKeyId, Forge.token(KEY, header(), partners))).isEqualTo("token_signature");
        assertThat(answer(sameKeyId, Forge.token(namesake, header(), payload())))
                .isEqualTo("token_signature");
        assertThat(answer(sameKeyId, Forge.token(namesake, header(), partners))).isEqualTo("verified");
    }

    @Test
    void issuerWithoutKeysHasNoTokens() {
        for (IssuerKeys none : List.of(keys(SHOP), keys(SHOP, "{\"keys\":[]}"))) {
            Map<String, IssuerKeys> silent = snapshot(none, keys(PARTNER, PARTNERS));
            assertThat(answer(silent, Forge.token(KEY, header(), payload()))).isEqualTo("token_key_unknown");
            assertThat(answer(silent, Forge.token(KEY, header("kid", ""), payload())))
                    .isEqualTo("token_key_unknown");
        }
        assertThat(answer(Map.of(), Forge.token(KEY, header(), payload()))).isEqualTo("token_issuer");
    }
}
