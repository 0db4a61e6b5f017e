package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole way of a condition: text, document, check, snapshot, policy set, decision. */
class ConditionsInForceTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:15:30Z");
    private static final String DOCUMENTS = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256],
                       claims: {dept: string, amr: [string]}}
              services:
                orders: {identity: spiffe://shop.example/sa/orders}
                backoffice: {identity: spiffe://shop.example/sa/backoffice}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment}
            spec:
              service: payment
              routes:
                charge:
                  match: POST /charges
                  allow:
                    orders:
                      from: [orders]
                      user: none
                      when: "int(request.headers['x-amount-cents']) <= 500000"
                refund:
                  match: POST /charges/{id}/refunds
                  allow:
                    finance:
                      from: [backoffice]
                      user: {issuer: shop, claims: {dept: payments}}
                      when: "'mfa' in user.claims.amr && path.id != '0'"
            ---
            apiVersion: sallyport.dev/v1
            kind: Guardrail
            metadata: {name: night}
            spec:
              deny:
                closed:
                  to: [payment]
                  when: "request.query['test'] == 'yes'"
                  unlessWhen: "!('test' in request.query) || request.headers['x-tenant'] == 'lab'"
            """;

    @ParameterizedTest
    @CsvSource({
        "1999, ALLOWED",
        "500000, ALLOWED",
        "500001, CONDITION_FALSE",
        "many, CONDITION_ERROR",
        "'', CONDITION_ERROR"
    })
    void conditionOnAHeaderDecides(String amount, Reason reason) throws Exception {
        assertThat(decide(charge().with(Map.of("x-amount-cents", List.of(amount)))))
                .isEqualTo(reason);
    }

    @Test
    void headerThatIsAbsentOrTwiceDenies() throws Exception {
        assertThat(decide(charge())).isEqualTo(Reason.CONDITION_ERROR);
        assertThat(decide(charge().with(Map.of("x-amount-cents", List.of("1", "1")))))
                .isEqualTo(Reason.CONDITION_ERROR);
    }

    @Test
    void conditionOnAClaimAndAVariableDecides() throws Exception {
        assertThat(decide(refund("7", List.of("pwd", "mfa")))).isEqualTo(Reason.ALLOWED);
        assertThat(decide(refund("0", List.of("pwd", "mfa")))).isEqualTo(Reason.CONDITION_FALSE);
        assertThat(decide(refund("7", List.of("pwd")))).isEqualTo(Reason.CONDITION_FALSE);
    }

    /** What a guardrail cannot tell it takes for what it is there to deny. */
    @Test
    void conditionOfAGuardrailThatFailsCountsAgainstTheRequest() throws Exception {
        GivenFacts paid = charge().with(Map.of("x-amount-cents", List.of("1")));
        assertThat(decide(paid.asking("test=no&x=y"))).isEqualTo(Reason.ALLOWED);
        assertThat(decide(paid.asking("test=yes"))).isEqualTo(Reason.GUARDRAIL);
        assertThat(decide(paid.asking("test=no&test=no"))).isEqualTo(Reason.GUARDRAIL);
        assertThat(decide(charge().with(Map.of("x-amount-cents", List.of("1"), "x-tenant", List.of("lab")))
                        .asking("test=yes")))
                .isEqualTo(Reason.ALLOWED);
    }

    @Test
    void everyWrongConditionIsRefusedAtItsPlace() {
        String wrong = DOCUMENTS
                .replace("int(request.headers['x-amount-cents'])", "request.headers['x-amount-cents']")
                .replace("user.claims.amr", "user.claims.arm")
                .replace("request.query['test'] == 'yes'", "path.id == 'a'");
        InvalidDocumentException invalid = catchThrowableOfType(
                InvalidDocumentException.class, () -> WorkingTree.load(List.of(new Source("shop.yaml", wrong)), NOW));
        assertThat(invalid.problems())
                .extracting(problem -> problem.location() + " " + problem.code() + " " + problem.path())
                .containsExactly(
                        "shop.yaml:26:11 SP0601 spec.routes.charge.allow.orders.when",
                        "shop.yaml:33:11 SP0603 spec.routes.refund.allow.finance.when",
                        "shop.yaml:42:7 SP0603 spec.deny.closed.when");
    }

    private static GivenFacts charge() throws Exception {
        return GivenFacts.of(Optional.of(SpiffeId.parse("spiffe://shop.example/sa/orders")), "POST", "/charges");
    }

    private static GivenFacts refund(String id, List<String> amr) throws Exception {
        return GivenFacts.of(
                        Optional.of(SpiffeId.parse("spiffe://shop.example/sa/backoffice")),
                        "POST",
                        "/charges/" + id + "/refunds")
                .as(new User(
                        "shop",
                        "alice",
                        List.of(),
                        List.of(),
                        Map.of("dept", "payments", "amr", amr),
                        NOW.minusSeconds(60),
                        NOW.plusSeconds(60)));
    }

    /** As a sidecar does, from the canonical form. */
    private static Reason decide(GivenFacts facts) throws InvalidDocumentException {
        DocumentSet accepted = WorkingTree.load(List.of(new Source("shop.yaml", DOCUMENTS)), NOW)
                .set();
        PolicySet policies = PolicySet.compile(DocumentSet.ofJson(accepted.toJson()), "payment");
        return switch (policies.decide(facts, NOW)) {
            case Decision.Allow _ -> Reason.ALLOWED;
            case Decision.Deny deny -> deny.reason();
            case Decision.Ask _ -> Reason.OPA_ERROR;
        };
    }
}
