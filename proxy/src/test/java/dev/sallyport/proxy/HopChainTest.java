package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way that a user came, as the caller says it: it begins with who signed, ends with who calls, and every service in it is one that the rule trusts with users; and what was proven once is so only as long as the mesh says so. */
@Timeout(60)
class HopChainTest {
    private static final String DOCUMENTS = Passing.DOCUMENTS
            + "    far: {match: GET /far, allow: {payment: {from: [payment], user: {issuer: shop, via: {from: [orders, web], maxHops: 8}}}}}\n";
    private static final String CARRIED = "x-sallyport-via: orders";

    private static Passing mesh;
    private static HopForge orders;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        mesh = Passing.open(folder, DOCUMENTS, Map.of("newTokensPerSecond", 10_000));
        orders = signer();
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    @AfterEach
    void trustAgain() throws Exception {
        revoke(Revocations.NONE);
        mesh.learn(DOCUMENTS);
    }

    private static HopForge signer() throws Exception {
        return new HopForge(mesh.mesh.svid(TestMesh.pathOf("orders")));
    }

    /** From now on web's sidecar knows it. */
    private static void revoke(Revocations revocations) throws Exception {
        mesh.sidecar("web").publisher.publishTrust(List.of(mesh.mesh.authority.trustBundle()), revocations);
    }

    /** What web says to payment, which carries alice. */
    private static String ask(String request, String... fields) throws Exception {
        return mesh.ask("payment", "web", request, fields);
    }

    private static void assertAlice(String answer, String via) {
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(mesh.web.received())
                .contains("x-sallyport-user: alice\r\n", "x-sallyport-via: " + via + "\r\n")
                .doesNotContain("eyJ");
        AuditRecord record = mesh.inboundRecord("web");
        assertThat(record.userVia).containsExactly(via.split(",", -1));
        assertThat(record.userCarried).isEqualTo("verified");
    }

    private static void assertNobody(String answer, String reason) throws Exception {
        assertThat(answer).startsWith("HTTP/1.1 401 ").doesNotContain(reason);
        assertThat(mesh.web.received()).isEmpty();
        assertThat(mesh.inboundRecord("web").reason).isEqualTo(reason);
        assertThat(mesh.recorded()).doesNotContain("eyJ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x-sallyport-via: web",
                "x-sallyport-via: payment",
                "x-sallyport-via: payment,orders",
                "x-sallyport-via: web,orders",
                "x-sallyport-via: orders,ghost",
                "x-sallyport-via: ghost",
                "x-sallyport-via:",
                "x-sallyport-via: ,",
                "x-sallyport-via: orders,",
                "x-sallyport-via: ,orders",
                "x-sallyport-via: orders,,web",
                "x-sallyport-via: orders, web",
                "x-sallyport-via: orders ,web",
                "x-sallyport-via: Orders",
                "x-sallyport-via: orders;web",
                "x-sallyport-via: orders\u00a0",
                "x-sallyport-via: spiffe://shop.example/ns/shop/sa/orders",
                // payment is no service that this rule trusts in the middle
                "x-sallyport-via: orders,payment",
                "x-sallyport-via: orders,web,payment",
                // nine hops, ten, a hundred
                "x-sallyport-via: orders,web,orders,web,orders,web,orders,web",
                "x-sallyport-via: orders,web,orders,web,orders,web,orders,web,orders",
                "x-sallyport-via: orders,orders,orders,orders,orders,orders,orders,orders,orders,orders,orders",
            })
    void wayThatIsNoneIsTokenChain(String via) throws Exception {
        String token = orders.token();
        assertNobody(via.isEmpty() ? ask("GET /far", token) : ask("GET /far", token, via), "token_chain");
        assertAlice(ask("GET /far", token, CARRIED), "orders,payment");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-sallyport-via: orders\r\nx-sallyport-via: orders",
                "x-sallyport-via: orders\r\nX-Sallyport-Via: web",
                "x-sallyport-via: orders\r\nx_sallyport_via: orders",
                "x_sallyport_via: orders",
                "x-sallyport_via: orders",
                "x-sallyport-via: orders\r\nx-sallyport-via:",
            })
    void wayThatTwoReadersCouldReadDifferentlyIsTokenInvalid(String via) throws Exception {
        String token = orders.token();
        assertNobody(ask("GET /far", token, via), "token_invalid");
        assertAlice(ask("GET /far", token, "X-Sallyport-VIA: \torders "), "orders,payment");
    }

    @Test
    void hopsAreCountedByTheRule() throws Exception {
        String token = orders.token();
        assertNobody(ask("GET /near", token, CARRIED), "token_chain");
        assertAlice(ask("GET /receipts", token, CARRIED), "orders,payment");
        assertNobody(ask("GET /receipts", token, CARRIED + ",web"), "token_chain");
        assertAlice(ask("GET /far", token, CARRIED + ",web"), "orders,web,payment");
        String seven = "orders,web,orders,web,orders,web,orders";
        assertAlice(ask("GET /far", token, "x-sallyport-via: " + seven), seven + ",payment");
    }

    @Test
    void oneTokenByTwoWaysIsJudgedTwice() throws Exception {
        String token = orders.token();
        assertAlice(ask("GET /far", token, CARRIED), "orders,payment");
        assertAlice(ask("GET /far", token, CARRIED + ",web"), "orders,web,payment");
        assertNobody(ask("GET /far", token, CARRIED + ",payment"), "token_chain");
        assertAlice(ask("GET /far", token, CARRIED), "orders,payment");
    }

    @Test
    void tokenThatAnotherCarriesIsNotStolenByWhoeverHasSeenIt() throws Exception {
        String token = orders.token();
        assertThat(mesh.ask("orders", "payment", "GET /charges", token)).startsWith("HTTP/1.1 200 ");
        assertNobody(ask("GET /receipts", token), "token_chain");
        assertThat(mesh.ask("orders", "payment", "GET /charges", token, CARRIED))
                .startsWith("HTTP/1.1 401 ");
        assertThat(mesh.inboundRecord("payment").reason).isEqualTo("token_chain");
    }

    static Stream<Arguments> revocations() throws Exception {
        SpiffeId id = mesh.mesh.trustDomain.id(TestMesh.pathOf("orders"));
        SpiffeId other = mesh.mesh.trustDomain.id(TestMesh.pathOf("web"));
        HopForge gone = signer();
        String serial = gone.svid().serial();
        return Stream.of(
                Arguments.of("by serial", gone, new Revocations(Set.of(serial), Set.of()), true),
                Arguments.of("by identity", signer(), new Revocations(Set.of(), Set.of(id)), true),
                Arguments.of("another's serial", signer(), new Revocations(Set.of(serial), Set.of()), false),
                Arguments.of("another's identity", signer(), new Revocations(Set.of(), Set.of(other)), false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("revocations")
    void signerWhoIsRevokedProvesNobodyNotEvenWhoWasProvenBefore(
            String what, HopForge signer, Revocations revocations, boolean refused) throws Exception {
        String known = signer.token();
        assertAlice(ask("GET /receipts", known, CARRIED), "orders,payment");
        revoke(revocations);
        for (String token : List.of(known, signer.token("txn", "\"another\""))) {
            String answer = ask("GET /receipts", token, CARRIED);
            if (refused) {
                assertNobody(answer, "token_chain");
            } else {
                assertAlice(answer, "orders,payment");
            }
        }
        revoke(Revocations.NONE);
        assertAlice(ask("GET /receipts", known, CARRIED), "orders,payment");
    }

    @Test
    void serviceInTheMiddleWhoIsRevokedCarriesNobodyNotEvenWhoWasProvenBefore() throws Exception {
        String known = orders.token();
        String way = CARRIED + ",web";
        assertAlice(ask("GET /far", known, way), "orders,web,payment");
        revoke(new Revocations(Set.of(), Set.of(mesh.mesh.trustDomain.id(TestMesh.pathOf("web")))));
        assertNobody(ask("GET /far", known, way), "token_chain");
        assertNobody(ask("GET /far", orders.token("txn", "\"another\""), way), "token_chain");
        assertAlice(ask("GET /far", known, CARRIED), "orders,payment");
        revoke(Revocations.NONE);
        assertAlice(ask("GET /far", known, way), "orders,web,payment");
    }

    static Stream<Arguments> lostOnTheWay() throws Exception {
        HopForge signer = signer();
        SpiffeId id = signer.svid().id();
        return Stream.of(
                Arguments.of(
                        "by serial",
                        signer,
                        new Revocations(Set.of(signer.svid().serial()), Set.of()),
                        "expired"),
                Arguments.of("with its caller", signer(), new Revocations(Set.of(), Set.of(id)), "ended"),
                Arguments.of("another's serial", signer(), new Revocations(Set.of("00"), Set.of()), "attached"));
    }

    /** payment carries alice on to web while its own request is open; who signed for her is revoked meanwhile. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("lostOnTheWay")
    void userWhoIsUnderWayGoesNoFurtherWhenWhoSignedIsRevoked(
            String what, HopForge signer, Revocations revocations, String carried) throws Exception {
        mesh.forget();
        try (Passing.Arrival open = mesh.arriveAt("payment", "orders", "GET /charges", signer.token())) {
            assertThat(open.asks("web", "GET /receipts", open.state())).startsWith("HTTP/1.1 200 ");
            mesh.sidecar("payment").publisher.publishTrust(List.of(mesh.mesh.authority.trustBundle()), revocations);
            mesh.sidecar("payment").settle();
            String answer = open.asks("web", "GET /receipts", open.state());
            assertThat(answer).startsWith(carried.equals("attached") ? "HTTP/1.1 200 " : "HTTP/1.1 401 ");
            await().atMost(Hop.SOON)
                    .untilAsserted(() -> assertThat(mesh.outboundRecord("payment").userCarried)
                            .isEqualTo(carried));
        } finally {
            mesh.sidecar("payment")
                    .publisher
                    .publishTrust(List.of(mesh.mesh.authority.trustBundle()), Revocations.NONE);
        }
    }

    @Test
    void sidecarWhoseCertificateWasReplacedVouchesUnderTheNewOneAlsoForWhomItKnew() throws Exception {
        mesh.forget();
        String field = "authorization: Bearer " + mesh.mesh.token("alice", "customer");
        try (Passing.Arrival before = mesh.arriveWith("POST /orders", field)) {
            assertThat(before.asks("payment", "GET /charges", before.state())).startsWith("HTTP/1.1 200 ");
        }
        Revocations old = new Revocations(Set.of(mesh.orders.serial()), Set.of());
        mesh.orders.rotate();
        mesh.sidecar("payment").publisher.publishTrust(List.of(mesh.mesh.authority.trustBundle()), old);
        mesh.forget();
        try (Passing.Arrival after = mesh.arriveWith("POST /orders", field)) {
            assertThat(after.asks("payment", "GET /charges", after.state())).startsWith("HTTP/1.1 200 ");
            assertThat(mesh.payment.received()).contains("x-sallyport-user: alice\r\n");
        }
        mesh.sidecar("payment").publisher.publishTrust(List.of(mesh.mesh.authority.trustBundle()), Revocations.NONE);
    }

    @Test
    void serviceThatIsNoLongerTrustedWithUsersProvesNobodyNotEvenWhoWasProvenBefore() throws Exception {
        String known = orders.token();
        assertAlice(ask("GET /receipts", known, CARRIED), "orders,payment");
        mesh.learn(DOCUMENTS
                .replace("verifiedBy: [orders]", "verifiedBy: [web]")
                .replace("via: {from: [orders]", "via: {from: [orders, web]"));
        assertNobody(ask("GET /receipts", known, CARRIED), "token_chain");
        assertNobody(ask("GET /receipts", orders.token(), CARRIED), "token_chain");
        mesh.learn(DOCUMENTS);
        assertAlice(ask("GET /receipts", known, CARRIED), "orders,payment");
    }

    @Test
    void serviceThatHasLeftTheMeshProvesNobody() throws Exception {
        String known = orders.token();
        assertAlice(ask("GET /receipts", known, CARRIED), "orders,payment");
        mesh.learn(DOCUMENTS.replace("/ns/shop/sa/orders", "/ns/shop/sa/orders2"));
        assertNobody(ask("GET /receipts", known, CARRIED), "token_chain");
    }

    @Test
    void issuerThatHasLeftTheMeshHasNoUsers() throws Exception {
        String known = orders.token();
        assertAlice(ask("GET /receipts", known, CARRIED), "orders,payment");
        mesh.learn(
                DOCUMENTS.replace(" shop: {issuer:", " store: {issuer:").replace("{issuer: shop,", "{issuer: store,"));
        assertNobody(ask("GET /receipts", known, CARRIED), "token_issuer");
    }

    @Test
    void claimThatIsNoLongerDeclaredToTravelDoesNotOutliveTheMeshThatDeclaredIt() throws Exception {
        String dept = "GET /dept";
        String rule =
                "    dept: {match: GET /dept, allow: {payment: {from: [payment], user: {issuer: shop, claims: {dept: toys}, via: {from: [orders], maxHops: 2}}}}}\n";
        mesh.learn(DOCUMENTS + rule);
        String token = orders.token("tctx", HopForge.context("claims", "{\"dept\":\"toys\"}"));
        assertAlice(ask(dept, token, CARRIED), "orders,payment");
        String other = orders.token("tctx", HopForge.context("claims", "{\"dept\":\"tools\"}"));
        assertThat(ask(dept, other, CARRIED)).startsWith("HTTP/1.1 403 ");
        assertThat(mesh.inboundRecord("web").reason).isEqualTo("claim_mismatch");
    }
}
