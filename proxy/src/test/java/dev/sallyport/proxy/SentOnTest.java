package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.Passing.Arrival;
import dev.sallyport.proxy.testing.UserTokens;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's token goes no further than a rule lets it, from wherever the application has it; every other credential is the application's own and passes. */
@Timeout(60)
class SentOnTest {
    private static final String DOCUMENTS = Passing.DOCUMENTS
            .replace(
                    "    open: {match: POST /open,",
                    "    raw: {match: POST /raw, allow: {web: {from: [web], user: none, forwardUnverified: true}}}\n    open: {match: POST /open,")
            .replace(
                    "    open: {match: GET /open,",
                    "    raw: {match: GET /raw, allow: {orders: {from: [orders], user: none, forwardUnverified: true}}}\n    open: {match: GET /open,");

    private static final AtomicInteger COUNT = new AtomicInteger();

    private static Passing mesh;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, DOCUMENTS, Map.of("newTokensPerSecond", 10_000));
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @BeforeEach
    void forget() {
        mesh.forget();
        mesh.payment.script = RawApplication.ECHOES;
    }

    /** One that nobody has seen. */
    private static String token() {
        return UserTokens.bearer(mesh.mesh.issuerKey, "jti", "\"" + COUNT.incrementAndGet() + "\"")
                .substring("Authorization: Bearer ".length());
    }

    /** What payment is given of what orders' application sends. */
    private static String sent(String... fields) throws Exception {
        try (RawClient client = RawClient.plain(mesh.orders.upstream("payment"))) {
            String answer = client.ask("GET /raw HTTP/1.1\r\nHost: payment\r\nConnection: close\r\n"
                    + String.join("\r\n", fields) + "\r\n\r\n");
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            return answer;
        }
    }

    private static void arrive(String request, String token) throws Exception {
        try (Arrival arrival = mesh.arriveWith(request, "authorization: Bearer " + token)) {
            arrival.end();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer %s",
                "AUTHORIZATION: bearer %s",
                "authorization: BEARER   %s \t",
                "Authorization: Bearer %s\r\nConnection: authorization",
                "Authorization: Bearer %s\r\nAuthorization: Bearer %s",
                "Authorization: Basic YTpi\r\nAuthorization: Bearer %s",
                "Authorization: Bearer %s\r\nAuthorization: Basic YTpi",
            })
    void tokenThatNoRuleLetTheApplicationHaveGoesNoFurther(String fields) throws Exception {
        String token = token();
        assertThat(sent(fields.formatted(token, token)))
                .contains(token); // Nobody has verified it: no user's, as far as anybody knows.
        arrive("POST /orders", token);
        assertThat(sent(fields.formatted(token, token))).doesNotContain(token);
        assertThat(mesh.recorded()).doesNotContain("eyJ");
    }

    @Test
    void otherCredentialsPass() throws Exception {
        arrive("POST /orders", token());
        String another = token();
        for (String credential : new String[] {
            "Basic YTpi", "Bearer " + another, "Bearer service-key", "Bearer", "Negotiate abc", "bearer x y", ""
        }) {
            assertThat(sent("Authorization: " + credential)).contains("Authorization: " + credential + "\r\n");
        }
    }

    @Test
    void tokenThatARuleLetTheApplicationHavePasses() throws Exception {
        String token = token();
        arrive("POST /kept", token);
        assertThat(sent("Authorization: Bearer " + token)).contains("Authorization: Bearer " + token + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /raw", "POST /open"})
    void tokenThatNobodyLookedAtIsNoUsers(String request) throws Exception {
        String token = token();
        arrive(request, token);
        assertThat(sent("Authorization: Bearer " + token)).contains("Authorization: Bearer " + token + "\r\n");
    }

    @Test
    void tokenThatARuleLetsTheApplicationHaveUnverifiedPassesAlsoWhenAnotherRuleHasVerifiedIt() throws Exception {
        String token = token();
        arrive("POST /orders", token);
        assertThat(sent("Authorization: Bearer " + token)).doesNotContain(token);
        arrive("POST /raw", token);
        assertThat(sent("Authorization: Bearer " + token)).contains("Authorization: Bearer " + token + "\r\n");
    }

    @Test
    void tokenThatWasRefusedIsNoUsers() throws Exception {
        String token = token();
        String forged = token.substring(0, token.length() - 4) + "AAAA";
        assertThat(mesh.ask("web", "orders", "POST /orders", "Content-Length: 0", "Authorization: Bearer " + forged))
                .startsWith("HTTP/1.1 401 ");
        mesh.payment.script = RawApplication.ECHOES;
        assertThat(sent("Authorization: Bearer " + forged)).contains(forged);
    }
}
