package dev.sallyport.proxy.token;

import static dev.sallyport.proxy.testing.Forge.base64;
import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.token.TestIssuers.SHOP;
import static dev.sallyport.proxy.token.TestIssuers.answer;
import static dev.sallyport.proxy.token.TestIssuers.header;
import static dev.sallyport.proxy.token.TestIssuers.keys;
import static dev.sallyport.proxy.token.TestIssuers.payload;
import static dev.sallyport.proxy.token.TestIssuers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.testing.Forge;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack 57: a payload that two parsers could read differently. Each bears a good signature. */
class TokenAttackOnJsonTest {
    private static final ECKey KEY = Forge.key("one");
    private static final Map<String, IssuerKeys> ISSUERS = snapshot(keys(SHOP, KEY));

    private static String ofText(String payload) {
        return answer(ISSUERS, Forge.token(KEY, header(), payload));
    }

    private static String of(String... changes) {
        return ofText(payload(changes));
    }

    private static User user(String... changes) {
        return TestIssuers.user(ISSUERS, Forge.token(KEY, header(), payload(changes)));
    }

    private static String ofOctets(byte[] payload) {
        return answer(ISSUERS, Forge.signed(KEY, base64(header()) + "." + base64(payload)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"iss", "sub", "aud", "exp", "nbf", "iat", "realm_access", "x", ""})
    void claimThatStandsTwiceIsInvalidEvenWhenBothAreTheSame(String name) {
        String one = payload("nbf", "1", "x", "1", "", "1");
        String value = name.equals("realm_access")
                ? "{\"roles\":[\"customer\"]}"
                : one.substring(one.indexOf(quoted(name) + ":") + name.length() + 3)
                        .split("[,}]", 2)[0];
        assertThat(ofText(one)).isEqualTo("verified");
        for (String again : List.of(value, "null", "\"bob\"", "{}", "99999999999")) {
            assertThat(ofText(one.replaceFirst("\\{", "{" + quoted(name).replace("\\", "\\\\") + ":" + again + ",")))
                    .as(again)
                    .isEqualTo("token_invalid");
            String escaped =
                    name.isEmpty() ? "\"\"" : "\"\\u%04x%s\"".formatted((int) name.charAt(0), name.substring(1));
            assertThat(ofText(one.substring(0, one.length() - 1) + "," + escaped + ":" + again + "}"))
                    .as(again)
                    .isEqualTo("token_invalid");
        }
    }

    @Test
    void memberThatStandsTwiceAnywhereIsInvalid() {
        assertThat(of("realm_access", "{\"roles\":[\"customer\"],\"roles\":[\"admin\"]}"))
                .isEqualTo("token_invalid");
        assertThat(of("x", "[[{\"a\":1,\"a\":1}]]")).isEqualTo("token_invalid");
        for (String twice : List.of("alg", "kid", "typ")) {
            String once = header("typ", "\"JWT\"");
            String doubled = once.replaceFirst("\\{", "{\"" + twice + "\":\"none\",");
            assertThat(answer(ISSUERS, Forge.token(KEY, doubled, payload()))).isEqualTo("token_invalid");
        }
    }

    static Stream<String> texts() {
        String good = payload();
        String open = good.substring(0, good.length() - 1);
        return Stream.of(
                "",
                " ",
                "null",
                "true",
                "7",
                "\"alice\"",
                "[]",
                "[" + good + "]",
                quoted(good),
                " " + good,
                "\n" + good,
                "\ufeff" + good,
                open,
                good + "{}",
                good + ",",
                good + "x",
                good + "\u0000",
                good + good,
                good + "\n//",
                open + ",}",
                open + ",,\"x\":1}",
                open + ",\"x\":}",
                open + ",\"x\"}",
                open + ",x:1}",
                open + ",'x':1}",
                open + ",\"x\":'y'}",
                open + ",\"x\":NaN}",
                open + ",\"x\":Infinity}",
                open + ",\"x\":-}",
                open + ",\"x\":+1}",
                open + ",\"x\":.5}",
                open + ",\"x\":1.}",
                open + ",\"x\":007}",
                open + ",\"x\":0x7}",
                open + ",\"x\":1e}",
                open + ",\"x\":TRUE}",
                open + ",\"x\":undefined}",
                open + ",/**/\"x\":1}",
                open + ",#\n\"x\":1}",
                open + ",\"x\":\"\n\"}",
                open + ",\"x\":\"\u0000\"}",
                open + ",\"x\":\"\\x41\"}",
                open + ",\"x\":\"\\u12\"}",
                open + ",\"x\":\"\\u{41}\"}",
                open + ",\"x\":\"\\\n\"}",
                open + ",\u00a0\"x\":1}",
                open + ",\u2028\"x\":1}",
                open + ",\"x\":" + "9".repeat(1000) + "}",
                open + ",\"x\":" + "[".repeat(20) + "]".repeat(20) + "}",
                open + ",\"x\":" + "{\"x\":".repeat(20) + "1" + "}".repeat(20) + "}",
                open + ",\"x\":" + "[".repeat(2500) + "]".repeat(2500) + "}",
                open + ",\"x\":" + "[".repeat(5500),
                open + ",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("texts")
    void payloadThatIsNotOneJsonObjectIsInvalid(String payload) {
        assertThat(ofText(payload)).as(payload).isEqualTo("token_invalid");
    }

    @Test
    void whiteSpaceWhereJsonAllowsItIsNothing() {
        assertThat(ofText(payload().replace(",", " ,\r\n\t") + " \n")).isEqualTo("verified");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff",
                "c0af",
                "c080",
                "e08080",
                "eda080",
                "edb080",
                "eda0bdedb880",
                "f4908080",
                "f8888080",
                "80",
                "c3",
                "e282",
                "f09f98",
                "efbfbd"
            })
    void textThatIsNotUtf8IsInvalidAndIsNobody(String hex) {
        byte[] octets = java.util.HexFormat.of().parseHex(hex);
        for (String place : List.of("alice", "sub", "customer", "realm_access", SHOP)) {
            byte[] payload = payload().getBytes(StandardCharsets.ISO_8859_1);
            int at = payload().indexOf(place) + 1;
            ByteArrayOutputStream broken = new ByteArrayOutputStream();
            broken.write(payload, 0, at);
            broken.writeBytes(octets);
            broken.write(payload, at, payload.length - at);
            assertThat(ofOctets(broken.toByteArray())).as(place).isEqualTo("token_invalid");
        }
    }

    @Test
    void otherEncodingThanUtf8IsInvalid() {
        assertThat(ofOctets(payload().getBytes(StandardCharsets.UTF_8))).isEqualTo("verified");
        for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE)) {
            assertThat(ofOctets(payload().getBytes(charset))).isEqualTo("token_invalid");
        }
        assertThat(ofOctets(payload().getBytes(java.nio.charset.Charset.forName("UTF-32BE"))))
                .isEqualTo("token_invalid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800\\ud800", "\\ud83dx", "x\\ude00", "\\ufffd"})
    void loneSurrogatesAreInvalidWhereverTheyStand(String text) {
        String json = "\"" + text + "\"";
        assertThat(of("sub", json)).isEqualTo("token_invalid");
        assertThat(of("x", json)).isEqualTo("token_invalid");
        assertThat(of("realm_access", "{\"roles\":[" + json + "]}")).isEqualTo("token_invalid");
        String payload = payload();
        assertThat(ofText(payload.substring(0, payload.length() - 1) + "," + json + ":1}"))
                .isEqualTo("token_invalid");
    }

    @Test
    void pairsOfSurrogatesAreText() {
        assertThat(user("sub", "\"\\ud83d\\ude00\"").subject()).isEqualTo("\ud83d\ude00");
        assertThat(user("sub", "\"\ud83d\ude00\"").subject()).isEqualTo("\ud83d\ude00");
    }

    /** A number that no integer holds is nowhere taken for another: it is no time, no text, and no value of a declared claim. */
    @ParameterizedTest
    @ValueSource(strings = {"1e309", "-1e309", "1e-400", "7.0", "7e0", "9223372036854775808", "1E+2", "null", "\"7\""})
    void numberThatIsNoIntegerIsNoValue(String number) {
        assertThat(of("exp", number)).isEqualTo("token_invalid");
        assertThat(of("sub", number)).isEqualTo(verifiedIfText(number));
        assertThat(user("floor", number).claims()).isEmpty();
        assertThat(user("floor", "7").claims()).isEqualTo(Map.of("floor", 7L));
    }

    private static String verifiedIfText(String json) {
        return json.startsWith("\"") ? "verified" : "token_invalid";
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "7", "true", "[]", "[\"alice\"]", "{}", "\"\""})
    void subjectThatIsNoTextIsInvalid(String subject) {
        assertThat(of("sub", subject)).isEqualTo("token_invalid");
    }

    @Test
    void subjectIsBounded() {
        assertThat(of("sub", quoted("a".repeat(1024)))).isEqualTo("verified");
        assertThat(of("sub", quoted("a".repeat(1025)))).isEqualTo("token_invalid");
    }

    /** Words of a scope are parted by the space and by nothing else (RFC 6749 section 3.3): another blank must not make one word into another. */
    @ParameterizedTest
    @ValueSource(
            strings = {"\t", "\n", "\r", "\u000b", "\f", "\u001c", "\u0085", "\u00a0", "\u2003", "\u3000", "\u0000"})
    void onlySpacesPartScopes(String blank) {
        assertThat(user("scope", quoted(blank + "admin")).scopes()).containsExactly(blank + "admin");
        assertThat(user("scope", quoted("admin" + blank)).scopes()).containsExactly("admin" + blank);
        assertThat(user("scope", quoted("read" + blank + "admin")).scopes()).containsExactly("read" + blank + "admin");
        assertThat(user("scope", quoted("  read  admin ")).scopes()).containsExactly("read", "admin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "7",
                "true",
                "{}",
                "{\"roles\":null}",
                "{\"roles\":7}",
                "{\"roles\":{\"admin\":true}}",
                "{\"roles\":[\"admin\",7]}",
                "{\"roles\":[[\"admin\"]]}",
                "{\"roles\":\"\"}",
                "{\"Roles\":[\"admin\"]}",
                "[{\"roles\":[\"admin\"]}]",
                "\"roles\"",
                "{\"roles.x\":[\"admin\"]}",
                "{\"roles\":[null]}"
            })
    void rolesOfAnotherFormAreNoRoles(String claim) {
        assertThat(user("realm_access", claim).roles()).isEmpty();
        assertThat(user("realm_access", claim, "roles", "[\"admin\"]", "Realm_access", "{\"roles\":[\"admin\"]}")
                        .roles())
                .isEmpty();
    }
}
