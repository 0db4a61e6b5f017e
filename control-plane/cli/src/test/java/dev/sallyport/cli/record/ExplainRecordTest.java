package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Direction;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.audit.WordKey;
import dev.sallyport.audit.WordKeys;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import dev.sallyport.cli.testing.SidecarState;
import dev.sallyport.policy.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainRecordTest {
    private static final String ID = "01JZ8Q4T00000000000000000A";

    @TempDir
    private Path folder;

    private SidecarState payment;
    private String digest;

    @BeforeEach
    void aSidecarThatKnowsItsPolicy() throws IOException {
        payment = new SidecarState(folder.resolve("state/payment"), "payment");
        digest = payment.live(41, ShopDocuments.load(ShopDocuments.PAYMENT));
    }

    @Test
    void denialNamesTheConditionThatFailedAndTheNearestRule() throws IOException {
        AuditRecord record = charge("catalog");
        record.verdict = Verdict.DENY;
        record.reason = "caller_not_allowed";
        record.status = 403;
        record.nearestRule = "payment/charge/orders";
        payment.record(record);

        Ran ran = sallyport("explain", ID, "--state", folder).held();

        assertThat(ran.out()).isEqualTo("""
                        DENY 403 caller_not_allowed   2026-03-02T10:14:07.113Z  revision 41 (sha256:%s)  payment/inbound
                          request   POST /charges → route payment/charge
                          trace     4bf92f3577b34da6a3ce929d0e0e4736
                          caller    spiffe://shop.example/sa/catalog  from 127.0.0.1:50000  TLSv1.3  certificate 1a2b
                          user      no rule looked at a token
                          rule payment/charge/orders
                            ✘ from        catalog   (expected: [orders])
                          nearest allow: orders may call POST /charges with a token of issuer shop that has role customer: rule payment/charge/orders
                        """.formatted(digest.substring(0, 12)));
        assertThat(ran.err()).isEmpty();
    }

    @Test
    void allowedRequestShowsWhatHeld() throws IOException {
        AuditRecord record = charge("orders");
        verified(record, "k-1234", List.of("customer"));
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.status = 200;
        record.rule = "payment/charge/orders";
        payment.record(record);

        Ran ran = sallyport("explain", ID, "--state", folder, "--exit-code").held();

        assertThat(ran.out())
                .startsWith("ALLOW 200 allowed ")
                .contains(
                        "user      k-1234 (issuer shop) roles=[customer]",
                        "✔ from        orders",
                        "✔ anyRole     [customer]",
                        "allowed by rule payment/charge/orders")
                .doesNotContain("nearest allow", "note:");
    }

    @Test
    void userWhoWasCarriedIsShownWithTheServicesAndJudgedAgain() throws IOException {
        digest = payment.live(41, ShopDocuments.load(ShopDocuments.VOUCHED, ShopDocuments.CARRIED));
        AuditRecord record = refund();
        verified(record, "k-1234", List.of("clerk"));
        record.tokenResult = "absent";
        record.userCarried = "verified";
        record.userVia = List.of("orders", "backoffice");
        record.userClaims = new TreeMap<>(Map.of("dept", "payments"));
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.status = 200;
        record.rule = "payment/refund/finance";
        payment.record(record);

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .startsWith("ALLOW 200 allowed ")
                .contains(
                        "user      k-1234 (issuer shop) roles=[clerk] claims={dept=payments}  carried by orders, backoffice",
                        "✔ user        k-1234 of issuer shop, carried by [orders, backoffice]",
                        "allowed by rule payment/refund/finance")
                .doesNotContain("note:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "absent   | token_chain | token_chain   | a refused hop token: token_chain",
                "absent   | unjudged    | rate_limited  | a hop token that nobody looked at: its caller sent too many new ones",
                "unjudged | ''          | rate_limited  | a token that nobody looked at: its caller sent too many new ones",
                "verified | other_user  | token_invalid | k-1234 (issuer shop) roles=[clerk]  beside a hop token of another user, carried by orders, backoffice",
                "verified | token_chain | token_chain   | k-1234 (issuer shop) roles=[clerk]  beside a refused hop token: token_chain",
                "absent   | absent      | token_missing | no token",
            })
    void whatWasWrongWithBothTokensIsShownAndComesOutAgain(String own, String hop, String reason, String user)
            throws IOException {
        digest = payment.live(41, ShopDocuments.load(ShopDocuments.VOUCHED, ShopDocuments.CARRIED));
        AuditRecord record = refund();
        verified(record, "k-1234", List.of("clerk"));
        record.tokenResult = own;
        record.userCarried = hop.isEmpty() ? null : hop;
        record.userVia = hop.equals("other_user") ? List.of("orders", "backoffice") : null;
        record.nearestRule = "payment/refund/finance";
        deny(record, reason);

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .startsWith("DENY ")
                .contains(" " + reason + " ", "user      " + user + "\n", "✘ user")
                .doesNotContain("note:");
    }

    @Test
    void outboundRequestShowsHowItCameByItsUser() throws IOException {
        AuditRecord record = payment.request(ID, Direction.OUTBOUND, 41, digest);
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.userCarried = "attached";
        record.userVia = List.of("orders", "backoffice", "payment");
        payment.record(record);

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("user      attached, carried by orders, backoffice, payment");
    }

    @Test
    void requestOfWhichOnlyTheIntentIsLeftIsShownAsThat() throws IOException {
        AuditRecord record = charge("orders");
        verified(record, "k-1234", List.of("customer"));
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.rule = "payment/charge/orders";
        record.phase = AuditRecord.Phase.INTENT;
        payment.record(record);

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .startsWith("ALLOW allowed ")
                .contains("note: only the intent is on record");

        record.phase = AuditRecord.Phase.OUTCOME;
        record.status = 200;
        payment.record(record);
        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .startsWith("ALLOW 200 allowed ")
                .doesNotContain("note:");
    }

    @Test
    void whatWentIntoADecisionIsShown() throws IOException {
        AuditRecord record = charge("orders");
        record.guardrail = "card-data/others";
        record.limit = "within";
        record.observed = "caller_not_allowed";
        record.candidateDecision = "deny";
        record.candidateReason = "condition_false";
        record.candidateRule = "payment/charge/orders";
        record.opa = new TreeMap<>(java.util.Map.of("main/shop/allow", "error"));
        record.opaDetail = "no answer in time";
        deny(record, "rate_limited");

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains(
                        "guardrail card-data/others",
                        "limit     within",
                        "opa       {main/shop/allow=error} no answer in time",
                        "observed  would be denied: caller_not_allowed",
                        "dry run   deny condition_false by payment/charge/orders");
    }

    @Test
    void aRoleThatIsMissingIsNamed() throws IOException {
        AuditRecord record = charge("orders");
        verified(record, "k-1234", List.of("guest"));
        deny(record, "role_missing");

        Ran ran = sallyport("explain", ID, "--state", folder, "--exit-code");

        assertThat(ran.exit()).isEqualTo(5);
        assertThat(ran.out()).contains("✔ user", "✘ anyRole     [guest]   (expected: one of [customer])");
    }

    @Test
    void refusedTokenIsNamedWithoutItsContent() throws IOException {
        AuditRecord record = charge("orders");
        record.tokenResult = "token_expired";
        deny(record, "token_expired");

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("DENY 401 token_expired", "a refused token: token_expired", "✘ user");
    }

    @Test
    void pathThatMatchedNothingIsNotShownButWhatIsCoveredIs() throws IOException {
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.method = "POST";
        record.callerId = "spiffe://shop.example/sa/orders";
        deny(record, "no_route");

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("request   POST (path not on record)", "with POST it covers /charges, /charges/{id}/refunds");
    }

    @Test
    void recordOfTheCallersSideLeadsToTheDecision() throws IOException {
        AuditRecord record = charge("catalog");
        deny(record, "caller_not_allowed");
        SidecarState catalog = new SidecarState(folder.resolve("state/catalog"), "catalog");
        String other = "01JZ8Q4T00000000000000000B";
        AuditRecord outbound = catalog.request(other, Direction.OUTBOUND, 41, digest);
        outbound.method = "POST";
        outbound.verdict = Verdict.ALLOW;
        outbound.reason = "allowed";
        outbound.status = 403;
        outbound.upstreamService = "payment";
        catalog.record(outbound);

        assertThat(sallyport("explain", other, "--state", folder.resolve("state"))
                        .held()
                        .out())
                .startsWith("DENY 403 caller_not_allowed")
                .contains("payment/inbound", "✘ from", "the record asked for is the caller's side");
        assertThat(sallyport("explain", other, "--state", catalog.folder).held().out())
                .startsWith("ALLOW 403 allowed")
                .contains("catalog/outbound", "called    payment", "is not below the folder given");
    }

    @Test
    void changedPolicyIsSaidWithItsAnswerOfToday() throws IOException {
        deny(charge("catalog"), "caller_not_allowed");
        payment.live(
                42,
                ShopDocuments.load(ShopDocuments.PAYMENT.replace(
                        "orders: {from: [orders], user: {issuer: shop, anyRole: [customer]}}",
                        "all: {from: any-mesh, user: none}")));

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .startsWith("DENY 403 caller_not_allowed")
                .contains("revision 41", "✘ from")
                .contains("note: the policy in force now is another, revision 42")
                .contains("it would allow this by rule payment/charge/all");
    }

    @Test
    void policyThatIsNotKeptIsSaid() throws IOException {
        deny(charge("catalog"), "caller_not_allowed");
        Files.delete(payment.folder.resolve("snapshots").resolve(digest + ".json"));

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("DENY 403 caller_not_allowed", "is not kept any more")
                .doesNotContain("rule payment");
    }

    @Test
    void keptPolicyThatWasExchangedIsRefused() throws IOException {
        deny(charge("catalog"), "caller_not_allowed");
        String other = payment.live(42, ShopDocuments.load(ShopDocuments.PAYMENT.replace("[orders]", "any-mesh")));
        Path snapshots = payment.folder.resolve("snapshots");
        Files.copy(
                snapshots.resolve(other + ".json"),
                snapshots.resolve(digest + ".json"),
                StandardCopyOption.REPLACE_EXISTING);

        sallyport("explain", ID, "--state", folder).refused(6, "another policy than its name says");
    }

    @Test
    void subjectThatARuleNamesIsFoundByTheSidecarsKey() throws IOException, GeneralSecurityException {
        byte[] key = new byte[32];
        key[0] = 7;
        Files.writeString(payment.folder.resolve("audit-key"), HexFormat.of().formatHex(key));
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.method = "POST";
        record.path = "/charges/k-0011223344556677/refunds";
        record.route = "payment/refund";
        record.callerId = "spiffe://shop.example/sa/backoffice";
        verified(record, keyed(key, "shop\ncarol"), List.of());
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.status = 200;
        payment.record(record);

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("✔ subject     carol", "allowed by rule payment/refund/boss")
                .doesNotContain("note:");
    }

    @Test
    void subjectIsFoundByTheKeyOfItsEpochAndNoMoreWhenThatIsDestroyed() throws IOException {
        WordKeys keys = new WordKeys(payment.folder, Clock.systemUTC());
        String word = keys.current().word(WordKey.subject("shop", "carol"));
        keys.rotate();
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.method = "POST";
        record.path = "/charges/k1-0011223344556677/refunds";
        record.route = "payment/refund";
        record.callerId = "spiffe://shop.example/sa/backoffice";
        verified(record, word, List.of());
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.status = 200;
        payment.record(record);

        assertThat(sallyport("explain", ID, "--state", folder).held().out()).contains("✔ subject     carol");
        sallyport("audit", "keys", "destroy", payment.folder, "--epoch", "1").held();
        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("✘ subject     " + word)
                .doesNotContain("✔ subject");
        assertThat(sallyport("audit", "verify", folder).held().out()).contains("every chain holds");
    }

    @Test
    void recordOfTheFirstSchemaIsExplainedAsEver() throws IOException {
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.method = "POST";
        record.path = "/charges";
        record.callerId = "spiffe://shop.example/sa/orders";
        record.peerIssuer = "CN=new";
        verified(record, "k-1234", List.of("clerk"));
        deny(record, "role_missing");
        String now = sallyport("explain", ID, "--state", folder).held().out();
        Path file = payment.folder.resolve("audit/00000001.audit.jsonl");
        String first = Files.readString(file)
                .replace("\"audit.schema.version\":\"2\"", "\"audit.schema.version\":\"1\"")
                .replaceAll(",\"(tls.client.issuer|audit.outcome|sallyport.redacted)\":(\"[^\"]*\"|\\[[^]]*])", "");
        assertThat(first).contains("\"audit.schema.version\":\"1\"").doesNotContain("CN=new", "outcome");
        Files.writeString(file, first);
        assertThat(sallyport("explain", ID, "--state", folder).held().out()).isEqualTo(now);
    }

    @Test
    void anotherSubjectStaysAWord() throws IOException, GeneralSecurityException {
        byte[] key = new byte[32];
        Files.writeString(payment.folder.resolve("audit-key"), HexFormat.of().formatHex(key));
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.method = "POST";
        record.path = "/charges/k-0011223344556677/refunds";
        record.callerId = "spiffe://shop.example/sa/backoffice";
        String word = keyed(key, "shop\nmallory");
        verified(record, word, List.of());
        deny(record, "claim_mismatch");

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("✘ subject     " + word + "   (expected: carol)", "✘ claims.dept absent")
                .doesNotContain("mallory");
    }

    @Test
    void claimsAreReadByTheirDeclaredTypes() throws IOException {
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.method = "POST";
        record.path = "/charges/k-0011223344556677/refunds";
        record.callerId = "spiffe://shop.example/sa/backoffice";
        verified(record, "k-1", List.of());
        record.userClaims = new TreeMap<>(java.util.Map.of("dept", "payments", "amr", "[pwd, mfa]", "vip", "true"));
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.status = 200;
        payment.record(record);

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .contains("✔ claims.dept payments", "allowed by rule payment/refund/finance")
                .doesNotContain("note:");
    }

    @Test
    void whatTheRecordSaysCountsWhenTheEvaluatorSaysOtherwise() throws IOException {
        AuditRecord record = charge("orders");
        verified(record, "k-1234", List.of("customer"));
        deny(record, "claim_mismatch");

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .startsWith("DENY 403 claim_mismatch")
                .contains("judged again out of the record the answer is allowed", "what is recorded counts");
    }

    @Test
    void refusedConnectionIsExplainedByItsRecord() throws IOException {
        AuditRecord record = new AuditRecord(ID, SidecarState.NOW, Direction.CONNECTION);
        record.service = "payment";
        record.peerAddress = "127.0.0.1:50000";
        record.peerFingerprint = "ab".repeat(32);
        record.verdict = Verdict.DENY;
        record.reason = "certificate_untrusted";
        record.detail = "no chain to a root";
        payment.record(record);

        assertThat(sallyport("explain", ID, "--state", folder).held().out())
                .startsWith("DENY certificate_untrusted   2026")
                .contains(
                        "payment/connection",
                        "caller    nobody proven  from 127.0.0.1:50000  certificate sha256:abababababab",
                        "note: on record: no chain to a root")
                .doesNotContain("user ");
    }

    @Test
    void jsonHoldsTheRecordAsItIs() throws IOException {
        deny(charge("catalog"), "caller_not_allowed");

        Ran ran = sallyport("explain", ID, "--state", folder, "-o", "json").held();

        assertThat(ran.json().at("/decision").asText()).isEqualTo("deny");
        assertThat(ran.json().at("/rules/0/conditions/0/actual").asText()).isEqualTo("catalog");
        assertThat(ran.json().at("/nearest").asText()).isEqualTo("payment/charge/orders");
        assertThat(ran.json().path("record").path("audit.record.id").asText()).isEqualTo(ID);
        assertThat(ran.json().path("record").path("http.response.status_code").asInt())
                .isEqualTo(403);
    }

    @Test
    void unknownIdIsRefused() throws IOException {
        deny(charge("catalog"), "caller_not_allowed");

        sallyport("explain", "01JZ8Q4T0000000000000000ZZ", "--state", folder)
                .refused(1, "01JZ8Q4T0000000000000000ZZ", "on no record below");
        sallyport("explain", ID, "--state", folder.resolve("nowhere")).refused(1, "nowhere", "expected");
    }

    private AuditRecord charge(String caller) {
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.callerId = "spiffe://shop.example/sa/" + caller;
        record.peerAddress = "127.0.0.1:50000";
        record.peerSerial = "1a2b";
        record.tlsVersion = "TLSv1.3";
        record.method = "POST";
        record.route = "payment/charge";
        record.template = "/charges";
        record.path = "/charges";
        return record;
    }

    private AuditRecord refund() {
        AuditRecord record = charge("backoffice");
        record.route = "payment/refund";
        record.template = "/charges/{id}/refunds";
        record.path = "/charges/k-0011223344556677/refunds";
        return record;
    }

    private static void verified(AuditRecord record, String hash, List<String> roles) {
        record.tokenResult = "verified";
        record.userIssuer = "shop";
        record.userHash = hash;
        record.userRoles = roles;
        record.userScopes = List.of();
    }

    private void deny(AuditRecord record, String reason) throws IOException {
        record.verdict = Verdict.DENY;
        record.reason = reason;
        record.status = Reason.ofCode(reason).status();
        payment.record(record);
    }

    private static String keyed(byte[] key, String value) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return "k-" + HexFormat.of().formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }
}
