package dev.sallyport.proxy;

import static dev.sallyport.proxy.testing.Forge.quoted;
import static dev.sallyport.proxy.testing.UserTokens.claims;
import static dev.sallyport.proxy.testing.UserTokens.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.Forge;
import dev.sallyport.proxy.testing.UserTokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks 38, 54, 55, 63 and 64 on the wire, through both doors: where a token may stand, which requests it may be missing from, what it may make the sidecar do, and what a refusal says. */
@Timeout(60)
class TokenAtTheDoorTest {
    private static final String MESH = Door.MESH.replaceFirst(
            "( *)services:",
            "$1  partner: {issuer: \"https://partner.example\", audiences: [shop-api], algorithms: [ES256]}\n$1services:");

    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                mine: {match: ["GET /mine", "POST /mine"], allow: {web: {from: [web], user: required, forwardToken: true}}}
                preflight: {match: "OPTIONS /mine", allow: {web: {from: [web], user: none}}}
                strict: {match: ["OPTIONS /strict", "GET /strict"], allow: {web: {from: [web], user: required}}}
                lax: {match: "OPTIONS /lax", allow: {web: {from: [web], user: optional}}}
                maybe: {match: "GET /maybe", allow: {web: {from: [web], user: optional, forwardToken: true}}}
                open: {match: ["GET /open", "POST /open"], allow: {web: {from: [web], user: none}}}
                finance: {match: "GET /finance", allow: {web: {from: [web], user: {issuer: shop, allRoles: [finance]}}}}
                write: {match: "GET /write", allow: {web: {from: [web], user: {issuer: shop, scopes: [write]}}}}
                bound:
                  match: "GET /bound"
                  allow:
                    web: {from: [web], user: {issuer: partner}}
                    payment: {from: [payment], user: {issuer: shop}}
            """;

    private static final Map<Boolean, RawClient> CLIENTS = new HashMap<>();
    private static Hop hop;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        hop = Hop.open(folder, Map.of("newTokensPerSecond", 100_000));
        hop.mesh.documents = MESH + POLICY;
        hop.orders.learn();
        hop.web.learn();
    }

    @AfterAll
    static void stop() throws Exception {
        for (RawClient client : CLIENTS.values()) {
            client.close();
        }
        hop.close();
    }

    @BeforeEach
    void forget() {
        hop.forget();
    }

    private static RawClient client(boolean outbound) throws Exception {
        return outbound ? hop.outbound() : hop.inbound();
    }

    private static String good(String... changes) {
        return UserTokens.bearer(hop.mesh.issuerKey, changes);
    }

    private static String expired() {
        return good("exp", Long.toString(System.currentTimeMillis() / 1000 - 3600));
    }

    /** Head and body of the answer, on the connection of the question before, if that stays open. */
    private static String ask(boolean outbound, String request, String... fields) throws Exception {
        RawClient kept = CLIENTS.remove(outbound);
        RawClient client = kept == null ? client(outbound) : kept;
        String answer = client.send(Door.head(request, fields)).until("\r\n\r\n");
        answer += answer.startsWith("HTTP/1.1 200 ") ? client.until("ok") : client.until("}");
        if (answer.contains("\r\nconnection: close\r\n")) {
            client.close();
        } else {
            CLIENTS.put(outbound, client);
        }
        return answer;
    }

    private static void assertRefused(String answer, int status, String reason) {
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        await().atMost(Hop.SOON).until(() -> !hop.orders.records.isEmpty());
        AuditRecord record = hop.orders.records.getLast();
        assertThat(record.reason).isEqualTo(reason);
        assertThat(answer).doesNotContain(reason, "eyJ");
        assertThat(hop.application.received()).isEmpty();
        hop.orders.records.clear();
    }

    // ---- 38: one place, once ----

    static Stream<Arguments> placements() {
        String alice = "Authorization: Bearer %s";
        return Stream.of(
                Arguments.of("token_invalid", List.of(alice, alice)),
                Arguments.of("token_invalid", List.of(alice, "authorization: Basic YTpi")),
                Arguments.of("token_invalid", List.of("AUTHORIZATION: Basic YTpi", alice)),
                Arguments.of("token_invalid", List.of("Authorization:", alice)),
                Arguments.of("token_invalid", List.of(alice, "Authorization:")),
                Arguments.of("token_invalid", List.of(alice, "Authorization: Bearer forged")),
                Arguments.of("token_invalid", List.of("Authorization: Bearer %s, Bearer %s")),
                Arguments.of("token_invalid", List.of("Authorization: Bearer %s,Basic YTpi")),
                Arguments.of("token_invalid", List.of("Authorization: Bearer Bearer %s")),
                Arguments.of("token_invalid", List.of("Authorization: Bearer \"%s\"")),
                Arguments.of("token_invalid", List.of("Authorization: Bearer token=%s")),
                Arguments.of("token_invalid", List.of("Authorization: Bearer")),
                Arguments.of("token_invalid", List.of("Authorization: Bearer %s %s")),
                Arguments.of("token_missing", List.of("Authorization: Basic YTpi, Bearer %s")),
                Arguments.of("token_missing", List.of("Authorization: %s")),
                Arguments.of("token_missing", List.of("Authorization: DPoP %s")),
                Arguments.of("token_missing", List.of("Authorization: Bearer,%s")),
                Arguments.of("token_missing", List.of("Authorization: Bearer=%s")),
                Arguments.of("token_missing", List.of("Authorization: Bearer%s")),
                Arguments.of("token_missing", List.of("Authorization: B\u00e9arer %s")),
                Arguments.of("token_missing", List.of("Authorization:")),
                Arguments.of("token_missing", List.of("X-Access-Token: %s")),
                Arguments.of("token_missing", List.of("Cookie: access_token=%s; Authorization=Bearer %s")),
                Arguments.of("token_missing", List.of("Proxy-Authorization: Bearer %s")),
                Arguments.of("token_missing", List.of("Connection: authorization")));
    }

    @ParameterizedTest(name = "{index} {0} {1}")
    @MethodSource("placements")
    void tokenStandsInOneFieldOnceOrIsNone(String reason, List<String> fields) throws Exception {
        String token = Forge.token(hop.mesh.issuerKey, header(), claims());
        String[] sent = fields.stream().map(field -> field.replace("%s", token)).toArray(String[]::new);
        assertRefused(ask(false, "GET /mine", sent), 401, reason);
        assertRefused(ask(true, "GET /mine", sent), 401, reason);
        // Where no rule looks at it, it passes nobody either.
        assertThat(ask(false, "GET /open", sent)).startsWith("HTTP/1.1 200 ");
        assertThat(hop.application.received().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("\r\nauthorization:", "\r\nproxy-authorization:", "x-sallyport-user");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tokenInTheFieldCountsAndTheOneInTheQueryIsText(boolean outbound) throws Exception {
        String root = Forge.token(hop.mesh.issuerKey, header(), claims("sub", "\"root\""));
        assertThat(ask(outbound, "GET /mine?access_token=" + root, good())).startsWith("HTTP/1.1 200 ");
        assertThat(hop.application.received())
                .contains("x-sallyport-user: alice\r\n")
                .doesNotContain("x-sallyport-user: root");
        hop.forget();
        assertRefused(ask(outbound, "GET /mine?access_token=" + root), 401, "token_missing");
    }

    @Test
    void tokenInTheBodyOrItsTrailersIsNone() throws Exception {
        String token = Forge.token(hop.mesh.issuerKey, header(), claims());
        try (RawClient client = hop.inbound()) {
            client.send(Door.head(
                            "POST /mine",
                            "Transfer-Encoding: chunked",
                            "Trailer: authorization",
                            "Content-Type: application/x-www-form-urlencoded")
                    + "1\r\na\r\n0\r\nAuthorization: Bearer " + token + "\r\n\r\n");
            assertRefused(client.until("}"), 401, "token_missing");
        }
        try (RawClient client = hop.inbound()) {
            client.send(Door.head("POST /open", "Transfer-Encoding: chunked") + "1\r\na\r\n0\r\nAuthorization: Bearer "
                            + token + "\r\n\r\n")
                    .until("\r\n\r\nok");
        }
        assertThat(hop.application.received()).doesNotContain("eyJ");
    }

    // ---- rows 19 and 20: optional is not lenient, and a rule binds peer and issuer ----

    @Test
    void badTokenIsRefusedWhereNoTokenIsWelcome() throws Exception {
        assertThat(ask(false, "GET /maybe")).startsWith("HTTP/1.1 200 ");
        assertThat(hop.application.received()).doesNotContain("x-sallyport-user");
        hop.forget();
        assertRefused(ask(false, "GET /maybe", good("iss", "\"https://unlisted.example\"")), 401, "token_issuer");
        assertRefused(ask(false, "GET /maybe", expired()), 401, "token_expired");
        assertRefused(ask(false, "GET /maybe", UserTokens.bearer(Forge.key("one"))), 401, "token_signature");
        assertRefused(
                ask(false, "GET /maybe", UserTokens.bearer(Forge.key("one"), "iss", "\"https://partner.example\"")),
                401,
                "token_key_unknown");
        assertRefused(ask(false, "GET /maybe", good("aud", "\"elsewhere\"")), 401, "token_audience");
        assertRefused(ask(false, "GET /maybe", "Authorization: Bearer x"), 401, "token_invalid");
    }

    @Test
    void ruleThatForwardsTokensForwardsNoneThatItDidNotVerify() throws Exception {
        for (String credentials : List.of("Basic Zm9yZ2Vk", "DPoP forged", "Bearer,forged", "forged")) {
            assertThat(ask(false, "GET /maybe", "Authorization: " + credentials))
                    .startsWith("HTTP/1.1 200 ");
        }
        assertThat(hop.application.received().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("authorization:");
        String good = good();
        assertThat(ask(false, "GET /maybe", good)).startsWith("HTTP/1.1 200 ");
        assertThat(hop.application.received()).containsOnlyOnce(good + "\r\n");
    }

    @Test
    void userOfOneRulesIssuerIsNoneOfAnothersCaller() throws Exception {
        assertRefused(ask(false, "GET /bound", good()), 401, "token_issuer");
        try (RawClient payment =
                RawClient.tls(hop.orders.inbound(), hop.context("payment"), "8080.orders.shop.example")) {
            payment.send(Door.head("GET /bound", good())).until("\r\n\r\nok");
        }
        assertThat(hop.application.received()).contains("x-sallyport-user: alice\r\n");
    }

    // ---- 63: preflights ----

    private static final String[] PREFLIGHT = {
        "Origin: https://evil.example",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: authorization",
        "Sec-Fetch-Mode: cors"
    };

    private static String[] preflight(String... more) {
        List<String> fields = new ArrayList<>(List.of(PREFLIGHT));
        fields.addAll(List.of(more));
        return fields.toArray(new String[0]);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void preflightPassesByARuleForItAndByNothingElse(boolean outbound) throws Exception {
        assertRefused(ask(outbound, "OPTIONS /strict", preflight(expired())), 401, "token_expired");
        assertRefused(ask(outbound, "OPTIONS /strict", preflight()), 401, "token_missing");
        assertRefused(ask(outbound, "OPTIONS /lax", preflight(expired())), 401, "token_expired");
        assertRefused(ask(outbound, "OPTIONS /maybe", preflight(expired())), 403, "no_route");
        assertRefused(ask(outbound, "GET /mine", preflight(expired())), 401, "token_expired");
        assertRefused(ask(outbound, "POST /mine", preflight(expired(), "Content-Length: 0")), 401, "token_expired");
        assertThat(ask(outbound, "OPTIONS /mine", preflight(expired()))).startsWith("HTTP/1.1 200 ");
        assertThat(hop.application.received())
                .startsWith("OPTIONS /mine ")
                .contains("Access-Control-Request-Method: POST\r\n")
                .doesNotContain("eyJ", "x-sallyport-user");
    }

    @ParameterizedTest
    @CsvSource({
        "GET /mine, X-HTTP-Method-Override: OPTIONS",
        "POST /mine, X-Method-Override: OPTIONS",
        "GET /mine, x_http_method: OPTIONS"
    })
    void requestThatOnlyCallsItselfAPreflightIsNone(String request, String override) throws Exception {
        assertRefused(ask(false, request, preflight(expired(), override, "Content-Length: 0")), 400, "path_rejected");
        try (RawClient client = hop.inbound()) {
            String answer = client.send(Door.head("options /mine", preflight(expired())))
                    .until("}");
            assertThat(answer).doesNotStartWith("HTTP/1.1 2");
        }
        assertThat(hop.application.received()).isEmpty();
    }

    // ---- 54: nothing is fetched ----

    @Test
    void keyThatATokenBringsOrNamesIsNeitherUsedNorFetched() throws Exception {
        X509Svid svid = hop.mesh.svid(TestMesh.pathOf("web"));
        ECKey meshKey = new ECKey.Builder(
                        Curve.P_256, (ECPublicKey) svid.chain().getFirst().getPublicKey())
                .privateKey(svid.privateKey())
                .build();
        List<String> chain = new ArrayList<>();
        for (var certificate : svid.chain()) {
            chain.add(quoted(Base64.getEncoder().encodeToString(certificate.getEncoded())));
        }
        try (ServerSocketChannel sinkhole = ServerSocketChannel.open()) {
            sinkhole.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .configureBlocking(false);
            String url = quoted("http://127.0.0.1:" + sinkhole.socket().getLocalPort() + "/jwks.json");
            String[][] headers = {
                {"jku", url},
                {"x5u", url},
                {"jku", url, "x5u", url, "kid", url},
                {"jku", url, "kid", ""},
                {"jwk", meshKey.toPublicJWK().toString()},
                {"jwk", meshKey.toPublicJWK().toString(), "kid", ""},
                {"x5c", chain.toString()}, // the mesh's own authority vouches for this key, but for no user
                {"x5c", chain.toString(), "kid", ""}
            };
            for (String[] members : headers) {
                String reason = members.length == 6 ? "token_key_unknown" : "token_signature";
                String forged = "Authorization: Bearer " + Forge.token(meshKey, header(members), claims());
                assertRefused(ask(false, "GET /mine", forged), 401, reason);
                assertRefused(ask(true, "GET /maybe", forged), 401, reason);
            }
            String named = Forge.token(hop.mesh.issuerKey, header("jku", url, "x5u", url), claims());
            assertThat(ask(true, "GET /mine", "Authorization: Bearer " + named)).startsWith("HTTP/1.1 200 ");
            hop.orders.settle();
            assertThat(sinkhole.accept()).as("a connection").isNull();
        }
    }

    // ---- 55 and 64: size ----

    /** Whatever is left unread when the answer is there. */
    private static String large(boolean outbound, String field) throws Exception {
        try (RawClient client = client(outbound)) {
            try {
                client.send("GET /mine HTTP/1.1\r\nHost: orders\r\n" + field + "\r\n\r\n");
            } catch (SocketException refusedOnTheWay) {
                // What it said is still to be read.
            }
            return client.ended().text();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tokenThatIsLargerThanAHeadMayBeIs431AndOneThatIsLargerThanATokenMayBeIs401(boolean outbound) throws Exception {
        String kid = Forge.token(hop.mesh.issuerKey, header("kid", quoted("k".repeat(1 << 20))), claims());
        assertThat(large(outbound, "Authorization: Bearer " + kid)).startsWith("HTTP/1.1 431 ");
        assertThat(large(outbound, good("x", quoted("x".repeat(64 * 1024))))).startsWith("HTTP/1.1 431 ");
        assertThat(ask(outbound, "GET /mine", good("x", quoted("x".repeat(10 * 1024)))))
                .startsWith("HTTP/1.1 401 ");
        assertThat(ask(outbound, "GET /mine", good("x", quoted("x".repeat(5 * 1024)))))
                .startsWith("HTTP/1.1 200 ");
    }

    // ---- what a refusal says ----

    private static List<String> challenges(String answer) throws IOException {
        return answer.lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("www-authenticate:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .toList();
    }

    /** RFC 9110 section 11.6.1, RFC 6750 section 3: a 401 has a challenge, and it says no error where there was no token. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyRefusalForWantOfAUserChallengesForABearerTokenOnce(boolean outbound) throws Exception {
        String missing = ask(outbound, "GET /mine");
        String basic = ask(outbound, "GET /mine", "Authorization: Basic YTpi");
        for (String answer : List.of(
                missing,
                basic,
                ask(outbound, "GET /mine", expired()),
                ask(outbound, "GET /mine", UserTokens.bearer(Forge.key("one"))),
                ask(outbound, "GET /mine", "Authorization: Bearer x"),
                ask(outbound, "GET /mine", good("aud", "\"elsewhere\"")))) {
            assertThat(answer).startsWith("HTTP/1.1 401 ");
            boolean none = answer.equals(missing) || answer.equals(basic);
            assertThat(challenges(answer))
                    .containsExactly(none ? "Bearer realm=\"mesh\"" : "Bearer realm=\"mesh\", error=\"invalid_token\"");
        }
        for (String answer : List.of(missing, basic)) {
            assertThat(challenges(answer)).noneMatch(challenge -> challenge.contains("error"));
        }
        for (String allowedNobody : List.of(
                ask(outbound, "GET /finance", good()),
                ask(outbound, "GET /write", good()),
                ask(outbound, "GET /none"))) {
            assertThat(allowedNobody).startsWith("HTTP/1.1 403 ").doesNotContain("invalid_token");
        }
        assertThat(challenges(ask(outbound, "GET /mine", good()))).isEmpty();
    }
}
