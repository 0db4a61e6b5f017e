package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Direction;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.cli.testing.CollectedLog;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import dev.sallyport.cli.testing.SidecarState;
import dev.sallyport.cli.testing.StubControlPlane;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decisions whose sidecar is long gone: the record is in the collected log, and so is what decided. */
class ExplainCollectedTest {
    private static final String ID = "01JZ8Q4T00000000000000000A";

    @TempDir
    private Path folder;

    private StubControlPlane stub;
    private CollectedLog log;
    private SidecarState payment;
    private String digest;

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder);
        Files.createDirectories(folder.resolve("collected"));
        log = new CollectedLog(folder.resolve("collected"), stub);
        payment = new SidecarState(folder.resolve("gone/payment"), "payment");
        DocumentSet documents = ShopDocuments.load(ShopDocuments.PAYMENT).concerning("payment");
        digest = payment.live(41, documents);
        keep(documents);
    }

    private void keep(DocumentSet documents) {
        stub.on("GET /v1/audit/policy/" + digest, 200, documents.toJson());
    }

    @AfterEach
    void stop() {
        log.close();
    }

    private AuditRecord charge(String caller) {
        AuditRecord record = payment.request(ID, Direction.INBOUND, 41, digest);
        record.method = "POST";
        record.route = "payment/charge";
        record.template = "/charges";
        record.path = "/charges";
        record.callerId = "spiffe://shop.example/sa/" + caller;
        return record;
    }

    private AuditRecord denied() {
        AuditRecord record = charge("catalog");
        record.verdict = Verdict.DENY;
        record.reason = "caller_not_allowed";
        record.status = 403;
        return record;
    }

    private void collected(AuditRecord record) throws IOException {
        payment.record(record);
        log.addAll(payment).publish();
    }

    private Ran explain(Object... more) {
        List<Object> words = new java.util.ArrayList<>(List.of("explain", ID, "--context", stub.context));
        words.addAll(List.of(more));
        return sallyport(words.toArray());
    }

    @Test
    void decisionIsMadeAgainAndIsTheSame() throws IOException {
        collected(denied());
        assertThat(explain().held().out())
                .startsWith("DENY 403 caller_not_allowed")
                .contains("✘ from        catalog   (expected: [orders])", "out of the collected log, entry ")
                .contains("made again out of the record and policy sha256:" + digest.substring(0, 12)
                        + ", the decision is the same");
        assertThat(explain("--exit-code").exit()).isEqualTo(5);
    }

    @Test
    void recordThatSaysOtherwiseIsNotSaidToBeTheSame() throws IOException {
        AuditRecord record = denied();
        record.callerId = "spiffe://shop.example/sa/orders";
        collected(record);
        assertThat(explain().held().out()).doesNotContain("the decision is the same");
    }

    @Test
    void tokenThatNobodyLookedAtCannotBeJudged() throws IOException {
        AuditRecord record = charge("orders");
        record.verdict = Verdict.ALLOW;
        record.reason = "allowed";
        record.rule = "payment/charge/orders";
        record.status = 200;
        collected(record);
        assertThat(explain().held().out())
                .contains("the decision cannot be made again out of the record: no rule looked at the token then");
    }

    @Test
    void policyThatIsNotKeptIsSaid() throws IOException {
        collected(denied());
        stub.on("GET /v1/audit/policy/" + digest, 404, "{\"title\":\"Not Found\",\"status\":404}");
        assertThat(explain().held().out())
                .contains("DENY 403 caller_not_allowed", "is not kept any more")
                .doesNotContain("the decision is the same");
    }

    @Test
    void policyThatWasExchangedIsRefused() throws IOException {
        collected(denied());
        keep(ShopDocuments.load(ShopDocuments.PAYMENT.replace("orders: {from: [orders]", "orders: {from: any-mesh"))
                .concerning("payment"));
        explain().refused(6, "another one (expected: digest ");
    }

    @Test
    void logsHereComeFirstAndTheCollectedLogWhereTheyHaveNothing() throws IOException {
        collected(denied());
        assertThat(explain("--state", payment.folder).held().out()).doesNotContain("collected log");
        SidecarState other = new SidecarState(folder.resolve("here/orders"), "orders");
        other.record(other.request("01JZ8Q4T00000000000000000Z", Direction.INBOUND, 41, digest));
        assertThat(explain("--state", other.folder).held().out()).contains("out of the collected log");
        explain("--state", folder.resolve("nowhere")).refused(1, "not found");
    }

    @Test
    void withoutFolderAndControlPlaneTheUsageIsSaid() {
        sallyport("explain", ID, "--context", folder.resolve("none.json")).refused(2, "expected --state DIR");
    }
}
