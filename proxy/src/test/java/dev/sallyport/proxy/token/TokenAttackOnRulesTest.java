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
import dev.sallyport.proxy.testing.Forge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attack 60: a header that asks for other rules than ours, and texts that are signed but no compact JWS. Each bears a good signature. */
class TokenAttackOnRulesTest {
    private static final ECKey KEY = Forge.key("one");
    private static final Map<String, IssuerKeys> ISSUERS = snapshot(keys(SHOP, KEY));

    private static String good() {
        return Forge.token(KEY, header(), payload());
    }

    static Stream<Arguments> otherRules() {
        List<Arguments> rows = new ArrayList<>();
        List<String> crit =
                List.of("[]", "[\"x\"]", "[\"alg\"]", "[\"exp\"]", "[\"b64\"]", "null", "\"b64\"", "{}", "7");
        crit.forEach(value -> rows.add(Arguments.of("token_invalid", header("crit", value))));
        crit.forEach(value -> rows.add(Arguments.of("token_invalid", header("crit", value, "exp", "1", "x", "1"))));
        for (String value : List.of("false", "true", "null", "\"false\"")) {
            rows.add(Arguments.of("token_invalid", header("b64", value)));
            rows.add(Arguments.of("token_invalid", header("b64", value, "crit", "[\"b64\"]")));
        }
        for (String value : List.of("\"DEF\"", "\"\"", "null", "\"GZIP\"", "7")) {
            rows.add(Arguments.of("token_invalid", header("zip", value)));
        }
        for (String value : List.of("\"A256GCM\"", "\"none\"", "\"\"")) {
            rows.add(Arguments.of("token_invalid", header("enc", value)));
        }
        for (String type : List.of(
                "dpop+jwt", "logout+jwt", "secevent+jwt", "txntoken+jwt", "JOSE", "JOSE+JSON", "vc+sd-jwt", "jwt+at")) {
            rows.add(Arguments.of("token_invalid", header("typ", quoted(type))));
            rows.add(Arguments.of("token_invalid", header("typ", quoted("application/" + type))));
        }
        for (String type : List.of("", " ", "JWT ", " JWT", "JWT\u0000", "JWT;a=b", "application/", "J\u03c9T")) {
            rows.add(Arguments.of("token_invalid", header("typ", quoted(type))));
        }
        for (String value : List.of("null", "7", "[]", "[\"JWT\"]", "{}", "\"JWT\",\"typ\":\"dpop+jwt\"")) {
            rows.add(Arguments.of("token_invalid", header("typ", value)));
        }
        for (String type : List.of("JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt")) {
            rows.add(Arguments.of("verified", header("typ", quoted(type))));
        }
        return rows.stream();
    }

    @ParameterizedTest(name = "{index} {0} {1}")
    @MethodSource("otherRules")
    void headerThatAsksForOtherRulesIsInvalid(String expected, String header) {
        assertThat(answer(ISSUERS, Forge.token(KEY, header, payload()))).isEqualTo(expected);
    }

    @Test
    void otherSerializationsAndEncryptedTokensAreInvalid() {
        String[] parts = good().split("\\.", 3);
        String flat = "{\"payload\":\"" + parts[1] + "\",\"protected\":\"" + parts[0] + "\",\"signature\":\"" + parts[2]
                + "\"}";
        String general = "{\"payload\":\"" + parts[1] + "\",\"signatures\":[{\"protected\":\"" + parts[0]
                + "\",\"signature\":\"" + parts[2] + "\"}]}";
        String costly =
                base64("{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A128GCM\",\"p2c\":2147483647,\"p2s\":\"AAAA\"}");
        String input = parts[0] + "." + parts[1];
        String detached = Forge.signed(KEY, input).substring(input.length());
        for (String token : List.of(
                flat,
                general,
                base64(flat),
                base64(general),
                base64(flat) + ".." + parts[2],
                costly + ".AAAA.AAAA.AAAA.AAAA",
                costly + ".AAAA.AAAA",
                base64("{\"alg\":\"dir\",\"enc\":\"A128GCM\"}") + "..AAAA.AAAA.AAAA",
                good() + ".AAAA.AAAA",
                parts[0] + "." + detached,
                parts[0] + ".." + parts[2],
                "." + parts[1] + "." + parts[2],
                parts[1] + "." + parts[2],
                good() + "~",
                good() + "~" + parts[1] + "~",
                good() + "." + parts[2],
                good() + "," + good(),
                quoted(good()),
                Forge.token(KEY, header("cty", "\"JWT\""), good()))) {
            assertThat(answer(ISSUERS, token)).as(token).isEqualTo("token_invalid");
        }
    }
}
