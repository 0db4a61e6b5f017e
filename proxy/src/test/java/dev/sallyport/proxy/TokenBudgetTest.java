package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.testing.Forge;
import dev.sallyport.proxy.testing.UserTokens;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a peer may have looked at: one new token a second here, the rest unseen; what is known, good or bad, costs nothing, and neither do other peers. */
@Timeout(60)
class TokenBudgetTest {
    private static final String DOCUMENTS = Passing.DOCUMENTS.replace(
            "    own: {match: GET /own, allow: {orders: {from: [orders], user: required}}}",
            "    own: {match: GET /own, allow: {both: {from: [orders, web], user: required}}}");
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final ECKey STRANGER = Forge.key("one");

    @TempDir
    private Path folder;

    private Passing mesh;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        mesh = Passing.open(folder, DOCUMENTS, Map.of("newTokensPerSecond", 1));
        client = mesh.as("orders", "payment"); // One connection: the same event loop all the time.
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        mesh.close();
    }

    private static String fresh() {
        return "\"" + COUNT.incrementAndGet() + "\"";
    }

    /** Another good one each time. */
    private String good() {
        return UserTokens.bearer(mesh.mesh.issuerKey, "jti", fresh());
    }

    /** Another forged one each time. */
    private static String bad() {
        return UserTokens.bearer(STRANGER, "jti", fresh());
    }

    private int ask(String path, String... fields) throws Exception {
        return ask(client, path, fields);
    }

    private static int ask(RawClient client, String path, String... fields) throws Exception {
        String answer = client.send(
                        "GET " + path + " HTTP/1.1\r\nHost: payment\r\n" + String.join("\r\n", fields) + "\r\n\r\n")
                .until("\r\n\r\n");
        int status = Integer.parseInt(answer.substring(9, 12));
        client.until(status == 200 ? "ok" : "}");
        assertThat(answer.contains("\r\nretry-after: 1\r\n")).as(answer).isEqualTo(status == 429);
        assertThat(answer.contains("\r\nwww-authenticate: ")).as(answer).isEqualTo(status == 401);
        return status;
    }

    /** Until there is nothing left of the budget; the next comes within a second. */
    private void exhaust() throws Exception {
        exhaust(TokenBudgetTest::bad);
    }

    /** By tokens whose key is known: others cost no signature check, and so nothing. */
    private void exhaust(Supplier<String> forged) throws Exception {
        int status = 0;
        for (int i = 0; status != 429; i++) {
            status = ask("/own", forged.get());
            assertThat(status).isIn(401, 429);
            assertThat(i).as("tokens looked at").isLessThan(1000);
        }
    }

    private long unjudged() {
        return mesh.sidecar("payment").metrics.users().unjudgedTokens();
    }

    @Test
    void peerThatSendsAThousandForgedTokensHasFewOfThemLookedAtAndHarmsNobodyElse() throws Exception {
        String known = good();
        assertThat(ask("/own", known)).isEqualTo(200);
        long began = System.nanoTime();
        Map<Integer, Integer> answers = new HashMap<>();
        try (RawClient other = mesh.as("web", "payment")) {
            String others = good();
            assertThat(ask(other, "/own", others)).isEqualTo(200);
            for (int i = 0; i < 1000; i++) {
                answers.merge(ask("/own", bad()), 1, Integer::sum);
                if (i % 100 == 0) {
                    assertThat(ask(other, "/own", others)).isEqualTo(200);
                    assertThat(ask("/own", known)).isEqualTo(200);
                    assertThat(ask("/open")).isEqualTo(200);
                }
            }
            long seconds = (System.nanoTime() - began) / 1_000_000_000;
            assertThat(answers.getOrDefault(401, 0)).isLessThanOrEqualTo((int) seconds + 2);
            assertThat(answers.keySet()).isSubsetOf(401, 429).contains(429);
            assertThat(unjudged()).isEqualTo((long) answers.getOrDefault(429, 0));
            await().atMost(Hop.SOON).until(() -> ask(other, "/own", good()) == 200); // of its own budget
        }
        AuditRecord refused = mesh.sidecar("payment").records.stream()
                .filter(record -> record.status == 429)
                .findFirst()
                .orElseThrow();
        assertThat(refused.reason).isEqualTo("rate_limited");
        assertThat(refused.tokenResult).isEqualTo("unjudged");
        assertThat(refused.userHash).isNull();
        assertThat(mesh.payment.received()).doesNotContain("eyJ");
    }

    @Test
    void newTokenIsNotBelievedUnseenHoweverGood() throws Exception {
        String token = good();
        exhaust();
        assertThat(ask("/own", token)).isEqualTo(429);
        assertThat(ask("/open", token)).isEqualTo(200); // a rule that looks at nobody
        await().atMost(Hop.SOON).until(() -> ask("/own", token) == 200);
    }

    @Test
    void refusedTokenIsRefusedAgainWithoutALook() throws Exception {
        String forged = bad();
        assertThat(ask("/own", forged)).isEqualTo(401);
        exhaust();
        long before = unjudged();
        for (int i = 0; i < 20; i++) {
            assertThat(ask("/own", forged)).isEqualTo(401);
        }
        assertThat(unjudged()).isEqualTo(before);
    }

    @Test
    void hopTokensAreOfTheSameBudget() throws Exception {
        HopForge orders = new HopForge(mesh.mesh.svid(TestMesh.pathOf("orders")));
        String known = orders.token();
        assertThat(ask("/charges", known)).isEqualTo(200);
        exhaust();
        assertThat(ask("/charges", orders.token("txn", fresh()))).isEqualTo(429);
        assertThat(ask("/charges", known)).isEqualTo(200);
        assertThat(ask("/charges", known + "\r\nx-sallyport-via: web"))
                .isEqualTo(429); // by another way it is another one
    }

    @Test
    void snapshotWithTheSameKeysCostsKnownTokensNothing() throws Exception {
        HopForge orders = new HopForge(mesh.mesh.svid(TestMesh.pathOf("orders")));
        String known = good();
        String hop = orders.token();
        assertThat(ask("/own", known)).isEqualTo(200);
        await().atMost(Hop.SOON).until(() -> ask("/charges", hop) == 200);
        for (int i = 0; i < 3; i++) {
            mesh.learn(
                    i == 1
                            ? DOCUMENTS + "    more: {match: GET /more, allow: {web: {from: [payment], user: none}}}\n"
                            : DOCUMENTS);
            exhaust();
            assertThat(ask("/own", known)).isEqualTo(200);
            assertThat(ask("/charges", hop)).isEqualTo(200);
        }
    }

    @Test
    void keyThatGoesTakesItsTokensAlongAndNoOthers() throws Exception {
        ECKey next = Forge.key("two");
        mesh.mesh.keys = new JWKSet(List.of(mesh.mesh.issuerKey.toPublicJWK(), next.toPublicJWK()));
        mesh.learn(DOCUMENTS);
        String old = good();
        String young =
                "Authorization: Bearer " + Forge.token(next, UserTokens.header("kid", "\"two\""), UserTokens.claims());
        await().atMost(Hop.SOON).until(() -> ask("/own", old) == 200);
        await().atMost(Hop.SOON).until(() -> ask("/own", young) == 200);
        mesh.mesh.keys = new JWKSet(next.toPublicJWK());
        mesh.learn(DOCUMENTS);
        exhaust(() -> "Authorization: Bearer "
                + Forge.token(STRANGER, UserTokens.header("kid", "\"two\""), UserTokens.claims("jti", fresh())));
        assertThat(ask("/own", young)).isEqualTo(200);
        await().atMost(Hop.SOON).until(() -> ask("/own", old) == 401);
        await().atMost(Hop.SOON)
                .until(() -> "token_key_unknown"
                        .equals(mesh.sidecar("payment").records.getLast().reason));
        assertThat(ask("/own", young)).isEqualTo(200);
    }
}
