package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.Passing.Arrival;
import dev.sallyport.proxy.testing.UserTokens;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A token of the user's own and a hop token in one request: of one user they agree, of two they prove nobody, and what is wrong with one of them counts for the rules that look at it. */
@Timeout(60)
class TwoProofsTest {
    private static final String DOCUMENTS = Passing.DOCUMENTS
            .replace(
                    "  services:\n",
                    "    partner: {issuer: \"https://partner.example\", audiences: [shop-api], algorithms: [ES256], verifiedBy: [orders]}\n  services:\n")
            .replace(
                    "    own: {match: GET /own,",
                    "    maybe: {match: GET /maybe, allow: {orders: {from: [orders], user: optional}}}\n    own: {match: GET /own,");

    private static Passing mesh;
    private static HopForge orders;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, DOCUMENTS, Map.of("newTokensPerSecond", 10_000));
        orders = new HopForge(mesh.mesh.svid(TestMesh.pathOf("orders")));
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    private static String own(String... changes) {
        return UserTokens.bearer(mesh.mesh.issuerKey, changes);
    }

    private static String ownOf(String user) {
        return own("sub", "\"" + user + "\"", "realm_access", "{\"roles\":[\"customer\"]}");
    }

    private static String ask(String path, String... fields) throws Exception {
        return mesh.ask("orders", "payment", "GET " + path, fields);
    }

    private static AuditRecord assertUser(String answer, String user) {
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(mesh.payment.received())
                .containsOnlyOnce("x-sallyport-user: " + user + "\r\n")
                .doesNotContain("eyJ");
        return mesh.inboundRecord("payment");
    }

    private static void assertNobody(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(mesh.payment.received()).doesNotContain("x-sallyport-", "sallyport=", "eyJ", "alice", "bob");
    }

    private static void assertRefused(String answer, String reason) throws Exception {
        assertThat(answer).startsWith("HTTP/1.1 401 ");
        assertThat(mesh.payment.received()).isEmpty();
        assertThat(mesh.inboundRecord("payment").reason).isEqualTo(reason);
        assertThat(mesh.recorded()).doesNotContain("eyJ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/charges", "/own", "/maybe"})
    void twoTokensOfOneUserAgreeAndTheOwnOneSaysHowItCame(String path) throws Exception {
        AuditRecord record = assertUser(ask(path, ownOf("alice"), orders.token()), "alice");
        assertThat(record.userVia).as("the way of the hop token beside it").containsExactly("orders");
        assertThat(mesh.payment.received()).doesNotContain("x-sallyport-via");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/charges", "/own", "/maybe"})
    void twoTokensOfTwoUsersProveNobody(String path) throws Exception {
        assertRefused(ask(path, ownOf("bob"), orders.token()), "token_invalid");
        assertRefused(ask(path, ownOf("Alice"), orders.token()), "token_invalid");
        assertUser(ask(path, ownOf("bob")), "bob");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/charges", "/own", "/maybe"})
    void oneNameAtTwoIssuersIsTwoUsers(String path) throws Exception {
        String partner = orders.token("tctx", HopForge.context("iss", "\"partner\""));
        assertRefused(ask(path, ownOf("alice"), partner), "token_invalid");
        assertUser(ask(path, ownOf("alice")), "alice");
    }

    @Test
    void ruleThatLooksAtNobodySeesNoneOfTwo() throws Exception {
        assertNobody(ask("/open", ownOf("bob"), orders.token()));
        assertNobody(ask("/open", orders.token()));
        assertNobody(ask("/open", "Txn-Token: forged", "Authorization: Bearer forged"));
    }

    @ParameterizedTest
    @CsvSource({"/own, token_missing", "/maybe, ''", "/charges, alice"})
    void hopTokenAloneCountsWhereTheRuleSaysViaAndIsNotThereElsewhere(String path, String expected) throws Exception {
        String answer = ask(path, orders.token());
        if (expected.startsWith("token_")) {
            assertRefused(answer, expected);
        } else if (expected.isEmpty()) {
            assertNobody(answer);
        } else {
            assertThat(assertUser(answer, expected).userVia).containsExactly("orders");
        }
    }

    @Test
    void badHopTokenBesideAGoodOwnOneFailsTheRulesThatWouldHaveIt() throws Exception {
        String good = orders.token();
        String[] bad = {
            good.substring(0, good.length() - 4) + "AAAA",
            orders.token("exp", Long.toString(Instant.now().getEpochSecond() - 60)),
            "Txn-Token: none",
            good + "\r\n" + good,
            orders.token("aud", "\"spiffe://other.example\""),
            good + "\r\nx-sallyport-via: web",
        };
        String[] reasons = {
            "token_signature", "token_expired", "token_invalid", "token_invalid", "token_audience", "token_chain"
        };
        for (int i = 0; i < bad.length; i++) {
            assertRefused(ask("/charges", ownOf("alice"), bad[i]), reasons[i]);
            assertUser(ask("/own", ownOf("alice"), bad[i]), "alice");
            assertUser(ask("/maybe", ownOf("alice"), bad[i]), "alice");
            assertNobody(ask("/maybe", bad[i]));
        }
        assertUser(ask("/charges", ownOf("alice"), good), "alice");
    }

    @Test
    void badOwnTokenIsNotMadeGoodByAHopToken() throws Exception {
        String past = own("exp", Long.toString(Instant.now().getEpochSecond() - 3600));
        String good = ownOf("alice");
        String twice = good + "\r\n" + good;
        for (String path : new String[] {"/charges", "/own", "/maybe"}) {
            assertRefused(ask(path, past, orders.token()), "token_expired");
            assertRefused(ask(path, twice, orders.token()), "token_invalid");
            assertRefused(ask(path, "Authorization: Bearer", orders.token()), "token_invalid");
        }
    }

    @Test
    void credentialOfAnotherKindBesideAHopTokenIsNoTokenAndDoesNotReachTheApplication() throws Exception {
        assertUser(ask("/charges", "Authorization: Basic YTpi", orders.token()), "alice");
        assertThat(mesh.payment.received()).doesNotContain("Basic");
    }

    @Test
    void userWithBothGoesOnByWhatCameWhereThisServiceMayNotVouch() throws Exception {
        mesh.forget();
        try (Arrival both = mesh.arriveAt("payment", "orders", "GET /charges", ownOf("alice"), orders.token())) {
            assertThat(both.asks("web", "GET /receipts", both.state())).startsWith("HTTP/1.1 200 ");
            assertThat(mesh.web.received()).contains("x-sallyport-via: orders,payment\r\n");
        }
        mesh.forget();
        try (Arrival own = mesh.arriveAt("payment", "orders", "GET /charges", ownOf("alice"))) {
            assertThat(own.head()).contains("x-sallyport-user: alice\r\n").doesNotContain("sallyport=");
            assertThat(own.asks("web", "GET /receipts", own.parent())).startsWith("HTTP/1.1 401 ");
            assertThat(mesh.web.received()).isEmpty();
        }
        mesh.forget();
        String bad = orders.token();
        try (Arrival own = mesh.arriveAt(
                "payment", "orders", "GET /own", ownOf("alice"), bad.substring(0, bad.length() - 4) + "AAAA")) {
            assertThat(own.head()).contains("x-sallyport-user: alice\r\n").doesNotContain("sallyport=");
        }
    }
}
