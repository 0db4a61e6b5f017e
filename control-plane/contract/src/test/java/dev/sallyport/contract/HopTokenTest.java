package dev.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.TrustDomain;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HopTokenTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final HopToken TOKEN = new HopToken(
            new TrustDomain("shop.example"),
            "0123456789abcdef0123456789abcdef",
            "shop",
            "alice",
            List.of("customer"),
            List.of("orders.read"),
            Map.of("dept", "payments", "amr", List.of("pwd", "mfa"), "level", 3L, "staff", true),
            NOW.minusSeconds(60),
            NOW,
            NOW.plusSeconds(300));

    @Test
    void whatIsWrittenIsRead() throws Exception {
        assertThat(HopToken.ofBytes(TOKEN.toBytes())).isEqualTo(TOKEN);
        assertThat(TOKEN.user(List.of("web", "orders")).carriedBy()).containsExactly("web", "orders");
    }

    @Test
    void sameTokenIsTheSameBytes() {
        assertThat(new String(TOKEN.toBytes(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"v\":1,\"aud\":\"spiffe://shop.example\",\"txn\":\"0123456789abcdef0123456789abcdef\",\"sub\":\"alice\","
                                + "\"iat\":1795608000,\"exp\":1795608300,\"tctx\":{\"iss\":\"shop\",\"iat\":1795607940,"
                                + "\"roles\":[\"customer\"],\"scopes\":[\"orders.read\"],"
                                + "\"claims\":{\"amr\":[\"pwd\",\"mfa\"],\"dept\":\"payments\",\"level\":3,\"staff\":true}}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"v\":1 | \"v\":2 | v: 2",
                "spiffe://shop.example | https://shop.example | aud:",
                "spiffe://shop.example | spiffe://shop.example/x | aud:",
                "\"sub\":\"alice\" | \"sub\":\"\" | sub: empty",
                "\"sub\":\"alice\" | \"sub\":7 | sub: another type",
                "\"sub\":\"alice\", | '' | sub: missing",
                "\"sub\":\"alice\" | \"sub\":\"alice\",\"sub\":\"root\" | repeated field",
                "\"exp\":1795608300 | \"exp\":1.5 | fraction",
                "\"exp\":1795608300 | \"exp\":-1 | exp: -1",
                "\"exp\":1795608300 | \"exp\":9223372036854775807 | exp:",
                "\"roles\":[\"customer\"] | \"roles\":\"customer\" | roles: another type",
                "\"level\":3 | \"level\":{} | level: another type",
                "\"tctx\":{ | \"act\":1,\"tctx\":{ | act: unknown field",
                "\"tctx\":{ | \"tctx\":{\"x\":1, | x: unknown field",
            })
    void doubtIsRefused(String part, String instead, String problem) {
        String json = new String(TOKEN.toBytes(), StandardCharsets.UTF_8);
        assertThat(json).contains(part);
        assertThatThrownBy(() -> HopToken.ofBytes(json.replace(part, instead).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void textOfATokenNamesNobody() {
        assertThat(TOKEN).hasToString("HopToken[0123456789abcdef0123456789abcdef]");
    }
}
