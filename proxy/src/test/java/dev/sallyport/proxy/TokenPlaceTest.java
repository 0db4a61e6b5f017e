package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.Passing.Arrival;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An issuer whose tokens stand in a header of their own: there and only there, and out of the application's sight unless a rule says otherwise. */
@Timeout(60)
class TokenPlaceTest {
    private static final String DOCUMENTS = Passing.DOCUMENTS
            .replace("roles: realm_access.roles,", "roles: realm_access.roles, tokenHeader: X-Access-Token,")
            .replace("    open: {match: POST /open,", """
                        maybe: {match: POST /maybe, allow: {web: {from: [web], user: optional, forwardToken: true}}}
                        raw: {match: POST /raw, allow: {web: {from: [web], user: none, forwardUnverified: true}}}
                        open: {match: POST /open,""".indent(4).stripTrailing());

    private static Passing mesh;
    private static String token;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, DOCUMENTS, Map.of("newTokensPerSecond", 10_000));
        token = mesh.mesh.token("alice", "customer");
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    private static String ask(String path, String... fields) throws Exception {
        return mesh.ask(
                "web",
                "orders",
                "POST " + path,
                Stream.concat(Stream.of("Content-Length: 0"), Stream.of(fields)).toArray(String[]::new));
    }

    private static String received() {
        return mesh.application("orders").received();
    }

    private static void assertAlice(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(received()).contains("x-sallyport-user: alice\r\n");
        assertThat(mesh.inboundRecord("orders").tokenResult).isEqualTo("verified");
    }

    private static void assertRefused(String answer, String reason) throws Exception {
        assertThat(answer).startsWith("HTTP/1.1 401 ").doesNotContain("eyJ");
        assertThat(received()).isEmpty();
        AuditRecord record = mesh.inboundRecord("orders");
        assertThat(record.reason).isEqualTo(reason);
        assertThat(record.userHash).isNull();
        assertThat(mesh.recorded()).doesNotContain("eyJ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"x-access-token: %s", "X-ACCESS-TOKEN:\t%s ", "X-Access-Token: %s\r\nAuthorization: Basic YTpi"})
    void tokenInItsHeaderProvesItsUserAndStaysOutOfTheApplication(String fields) throws Exception {
        assertAlice(ask("/orders", fields.formatted(token)));
        assertThat(received().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("eyj", "x-access-token", "authorization");
    }

    static Stream<Arguments> places() {
        return Stream.of(
                Arguments.of("token_missing", ""),
                Arguments.of("token_missing", "Authorization: Basic YTpi"),
                Arguments.of("token_missing", "access-token: %s"),
                Arguments.of("token_missing", "x-access-token2: %s"),
                Arguments.of("token_missing", "x-access-token: %s\r\nConnection: x-access-token"),
                Arguments.of("token_invalid", "Authorization: Bearer %s"),
                Arguments.of("token_invalid", "Authorization: Bearer %s\r\nx-access-token: %s"),
                Arguments.of("token_invalid", "Authorization: Bearer none\r\nx-access-token: %s"),
                Arguments.of("token_invalid", "Authorization: Bearer\r\nx-access-token: %s"),
                Arguments.of(
                        "token_invalid",
                        "Authorization: Basic YTpi\r\nAuthorization: Basic YTpi\r\nx-access-token: %s"),
                Arguments.of("token_invalid", "x-access-token: %s\r\nx-access-token: %s"),
                Arguments.of("token_invalid", "x-access-token: %s\r\nX-Access-Token:"),
                Arguments.of("token_invalid", "x-access-token: %s\r\nx_access_token: %s"),
                Arguments.of("token_invalid", "x_access_token: %s"),
                Arguments.of("token_invalid", "x-access_token: %s"),
                Arguments.of("token_invalid", "x.access.token: %s"),
                Arguments.of("token_invalid", "x-access-token: Bearer %s"),
                Arguments.of("token_invalid", "x-access-token: %s,%s"),
                Arguments.of("token_invalid", "x-access-token: none"),
                Arguments.of("token_invalid", "x-access-token:"));
    }

    @ParameterizedTest
    @MethodSource("places")
    void tokenAnywhereElseProvesNobody(String reason, String fields) throws Exception {
        assertRefused(ask("/orders", fields.formatted(token, token)), reason);
        assertAlice(ask("/orders", "x-access-token: " + token));
        assertRefused(ask("/orders", fields.formatted(token, token)), reason); // also of a token that is known by now
    }

    @Test
    void ruleMayLetTheApplicationHaveTheTokenAndNoOtherCredential() throws Exception {
        assertAlice(ask("/kept", "X-Access-Token: " + token, "Authorization: Basic YTpi"));
        assertThat(received()).contains("X-Access-Token: " + token + "\r\n").doesNotContain("uthorization");
        assertThat(ask("/maybe", "Authorization: Basic YTpi")).startsWith("HTTP/1.1 200 ");
        assertThat(received()).doesNotContain("uthorization", "x-sallyport-user");
        assertRefused(ask("/maybe", "x_access_token: " + token), "token_invalid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"X-Access-Token: %s", "x_access_token: %s", "Authorization: Bearer %s", "Authorization: Basic %s"
            })
    void credentialThatNobodyVerifiedPassesOnlyWhereARuleSaysSo(String field) throws Exception {
        String given = field.formatted(token);
        assertThat(ask("/raw", given, "Txn-Token: forged", "x-sallyport-user: forged"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(received()).contains(given + "\r\n").doesNotContain("forged", "x-sallyport-", "sallyport=");
        AuditRecord record = mesh.inboundRecord("orders");
        assertThat(record.tokenResult).isNull();
        assertThat(mesh.recorded()).doesNotContain("eyJ");
        assertThat(ask("/open", given)).startsWith("HTTP/1.1 200 ");
        assertThat(received()).doesNotContain(token, "x-sallyport-", "sallyport=");
    }

    @Test
    void userOfSuchAnIssuerGoesOnLikeAnyOther() throws Exception {
        mesh.forget();
        try (Arrival arrival = mesh.arriveWith("POST /orders", "x-access-token: " + token)) {
            assertThat(arrival.asks("payment", "GET /charges", arrival.state())).startsWith("HTTP/1.1 200 ");
            assertThat(mesh.payment.received())
                    .contains("x-sallyport-user: alice\r\n", "x-sallyport-via: orders\r\n")
                    .doesNotContain("eyJ");
        }
    }
}
