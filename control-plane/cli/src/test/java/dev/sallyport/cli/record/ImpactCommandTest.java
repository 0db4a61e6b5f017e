package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Direction;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import dev.sallyport.cli.testing.SidecarState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImpactCommandTest {
    @TempDir
    private Path folder;

    private SidecarState payment;
    private String digest;
    private int records;

    @BeforeEach
    void recordedTraffic() throws IOException {
        payment = new SidecarState(folder.resolve("state/payment"), "payment");
        digest = payment.live(41, ShopDocuments.load(ShopDocuments.PAYMENT));
        payment.record(
                charge("orders", true, "customer"),
                charge("orders", true, "customer"),
                charge("catalog", false, "customer"),
                refund(),
                unmatched());
    }

    private AuditRecord request(String caller, String method) {
        AuditRecord record = payment.request("01JZ8Q4T0000000000000000A" + records++, Direction.INBOUND, 41, digest);
        record.callerId = "spiffe://shop.example/sa/" + caller;
        record.method = method;
        return record;
    }

    private AuditRecord charge(String caller, boolean allowed, String role) {
        AuditRecord record = request(caller, "POST");
        record.template = "/charges";
        record.path = "/charges";
        record.route = "payment/charge";
        record.verdict = allowed ? Verdict.ALLOW : Verdict.DENY;
        record.reason = allowed ? "allowed" : "caller_not_allowed";
        if (allowed) {
            record.rule = "payment/charge/orders";
            record.tokenResult = "verified";
            record.userIssuer = "shop";
            record.userHash = "k-1234567890abcdef";
            record.userRoles = List.of(role);
        }
        return record;
    }

    private AuditRecord refund() {
        AuditRecord record = charge("backoffice", true, "clerk");
        record.template = "/charges/{id}/refunds";
        record.path = "/charges/k-0011223344556677/refunds";
        record.route = "payment/refund";
        record.rule = "payment/refund/finance";
        record.userClaims = new TreeMap<>(Map.of("dept", "payments"));
        return record;
    }

    private AuditRecord unmatched() {
        AuditRecord record = request("orders", "GET");
        record.verdict = Verdict.DENY;
        record.reason = "no_route";
        return record;
    }

    private Ran impact(String text, String other, String... more) throws IOException {
        Path documents = ShopDocuments.write(folder.resolve("tree"), ShopDocuments.PAYMENT.replace(text, other));
        Object[] words = new Object[5 + more.length];
        System.arraycopy(
                new Object[] {"policy", "impact", documents, "--records", folder.resolve("state")}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        return sallyport(words);
    }

    @Test
    void sameDocumentsDecideAsBeforeAndSayWhatTheyCannotJudge() throws IOException {
        Ran ran = impact("", "").held();

        assertThat(ran.out())
                .doesNotContain("newly")
                .contains("cannot judge  1 request: it matched no route then, and such a path is not recorded")
                .contains(
                        "cannot judge  1 request: a rule names a user, users are keyed, and the key of this word's epoch is not here");
        assertThat(ran.err()).contains("replayed 5 decisions: 3 as before, 0 edges otherwise, 2 cannot be judged");
    }

    @Test
    void whoLosesAndWhoGainsIsCountedByEdge() throws IOException {
        Ran ran = impact("from: [orders]", "from: [catalog]", "--exit-code");

        assertThat(ran.exit()).isEqualTo(5);
        assertThat(ran.out().lines().map(line -> line.replaceAll(" +", " ")))
                .anyMatch(line -> line.startsWith("newly DENIED orders payment POST /charges caller_not_allowed 2 "));
        // Nobody looked at the token of the denied one, so that nobody can say whether it would pass now.
        assertThat(ran.out()).contains("cannot judge  1 request: no rule looked at the token then");
    }

    @Test
    void newlyAllowedIsShownWhereNothingIsMissing() throws IOException {
        Ran ran = impact(
                "from: [orders], user: {issuer: shop, anyRole: [customer]}", "from: [orders, catalog], user: none");

        assertThat(ran.held().out().lines().map(line -> line.replaceAll(" +", " ")))
                .anyMatch(line ->
                        line.startsWith("newly ALLOWED catalog payment POST /charges rule payment/charge/orders 1 "));
    }

    @Test
    void userWhoWasCarriedIsJudgedByTheChain() throws IOException {
        Path records = folder.resolve("carried");
        SidecarState sidecar = new SidecarState(records.resolve("payment"), "payment");
        String live = sidecar.live(41, ShopDocuments.load(ShopDocuments.VOUCHED, ShopDocuments.CARRIED));
        AuditRecord carried = refund();
        carried.policyDigest = live;
        carried.tokenResult = "absent";
        carried.userCarried = "verified";
        carried.userVia = List.of("orders", "backoffice");
        AuditRecord unjudged = refund();
        unjudged.policyDigest = live;
        unjudged.tokenResult = "absent";
        unjudged.userCarried = "unjudged";
        unjudged.verdict = Verdict.DENY;
        unjudged.reason = "rate_limited";
        unjudged.rule = null;
        AuditRecord unseen = refund();
        unseen.policyDigest = live;
        unseen.tokenResult = "absent";
        sidecar.record(carried, unjudged, unseen);

        String nameless = ShopDocuments.CARRIED.replaceAll("boss: .*\n", "");
        assertThat(impactOf(records, ShopDocuments.VOUCHED, nameless))
                .doesNotContain("newly")
                .contains(
                        "cannot judge  1 request: nobody looked at the token then, for its caller sent too many",
                        "cannot judge  1 request: no rule looked at a hop token then");
        assertThat(impactOf(records, ShopDocuments.VOUCHED, nameless.replace("maxHops: 2", "maxHops: 1")))
                .containsPattern("newly DENIED +backoffice +payment +POST /charges/\\{id}/refunds +token_chain +1 ");
        assertThat(impactOf(records, ShopDocuments.VOUCHED.replace("[orders]", "[catalog, orders]"), nameless))
                .doesNotContain("newly");
        assertThat(impactOf(
                        records,
                        ShopDocuments.VOUCHED.replace("[orders]", "[catalog]"),
                        nameless.replace("from: [orders], max", "from: [catalog, orders], max")))
                .containsPattern("newly DENIED +backoffice +payment +POST /charges/\\{id}/refunds +token_chain +1 ");
    }

    private String impactOf(Path records, String mesh, String payment) throws IOException {
        Path documents = ShopDocuments.write(folder.resolve("tree"), payment);
        Files.writeString(documents.resolve("mesh.yaml"), mesh);
        return sallyport("policy", "impact", documents, "--records", records).out();
    }

    @Test
    void valueThatIsKeyedCannotBeToldFromANewLiteral() throws IOException {
        Ran ran = impact(
                "  health:",
                "  special: {match: POST /charges/special/refunds, allow: {a: {from: [orders], user: none}}}\n    health:",
                "-o",
                "json");

        assertThat(ran.json().path("cannotJudge").toString())
                .contains("a value in its path is keyed, and POST /charges/special/refunds might be meant now");
    }

    @Test
    void conditionOnWhatWasNotRecordedCannotBeJudged() throws IOException {
        Ran ran = impact("anyRole: [customer]}", "anyRole: [customer]}, headers: {x-tenant: acme}", "-o", "json");

        assertThat(ran.json().path("cannotJudge").toString()).contains("header.x-tenant is not on record in the clear");
    }
}
