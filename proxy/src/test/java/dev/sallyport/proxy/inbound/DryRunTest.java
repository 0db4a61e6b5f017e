package dev.sallyport.proxy.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Decision.MatchedRoute;
import dev.sallyport.policy.GuardrailRef;
import dev.sallyport.policy.Inputs;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RuleRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DryRunTest {
    private static final RuleRef RULE = new RuleRef("payment", "charge", "orders");
    private static final Decision ALLOW = new Decision.Allow(
            Optional.of(RULE),
            Optional.empty(),
            Decision.Proof.NOWHERE,
            Decision.Forwarding.NOTHING,
            Optional.empty(),
            AuditMode.BUFFERED,
            Optional.empty());
    private static final Decision DENY =
            new Decision.Deny(Reason.CONDITION_FALSE, Optional.empty(), Optional.of(RULE), Optional.empty());

    private final AuditRecord record = new AuditRecord("ID", Instant.EPOCH, AuditRecord.Direction.INBOUND);

    private void beside(Decision trial) {
        DryRun.beside(() -> Optional.of(trial), record);
    }

    private void recorded(String decision, String reason, @Nullable String rule) {
        assertThat(record.candidateDecision).isEqualTo(decision);
        assertThat(record.candidateReason).isEqualTo(reason);
        assertThat(record.candidateRule).isEqualTo(rule);
        assertThat(record.verdict).as("of no consequence").isNull();
        assertThat(record.reason).isNull();
        assertThat(record.rule).isNull();
    }

    @Test
    void verdictOfTheDryRunIsRecorded() {
        beside(DENY);
        recorded("deny", "condition_false", "payment/charge/orders");
        beside(ALLOW);
        recorded("allow", "allowed", "payment/charge/orders");
    }

    @Test
    void guardrailOfADryRunIsNamed() {
        beside(new Decision.Deny(
                Reason.GUARDRAIL,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new GuardrailRef("card-data", "others"))));
        recorded("deny", "guardrail", "card-data/others");
    }

    @Test
    void questionThatNobodyAskedIsAVerdictOfItsOwn() {
        MatchedRoute route = new MatchedRoute(
                "payment/charge", new Match.Http("POST", PathTemplate.parse("/charges")), new Inputs(new TreeMap<>()));
        OpaQuery query = new OpaQuery("main", "shop/allow", Duration.ofMillis(50), new TreeSet<>());
        beside(new Decision.Ask(query, RULE, route));
        recorded("ask", "opa_error", "payment/charge/orders");
    }

    @Test
    void withoutADryRunNothingIsRecorded() {
        DryRun.beside(Optional::empty, record);
        assertThat(record.candidateDecision).isNull();
    }

    @Test
    void dryRunThatBreaksIsADenialOnRecordAndNothingElse() {
        DryRun.beside(
                () -> {
                    throw new IllegalStateException("broken");
                },
                record);
        recorded("deny", "internal_error", null);
    }
}
