package dev.sallyport.policy;

import static dev.sallyport.policy.Facts.NOW;
import static dev.sallyport.policy.Facts.call;
import static dev.sallyport.policy.Facts.user;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.Explanation.ConditionTrace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final PolicySet SET =
            Shop.payment("{charge: {match: POST /charges, allow: {orders: {from: [orders], user: none}}}, "
                    + "refund: {match: 'POST /charges/{id}/refunds', allow: {"
                    + "finance: {from: [backoffice, web], user: {issuer: shop, allRoles: [finance], claims: {dept: payments}}}, "
                    + "auto: {from: orders, user: required}}}}");

    @Test
    void eachConditionIsShownUpToTheFirstThatFailed() {
        User fay = user("shop", "fay", List.of("customer"), List.of(), Map.of("dept", "payments"));

        Explanation explanation =
                SET.explain(call("backoffice", "POST", "/charges/1/refunds").as(fay), NOW);

        assertThat(explanation.decision().reason()).isEqualTo(Reason.ROLE_MISSING);
        assertThat(explanation.nearest()).hasValue(new RuleRef("payment", "refund", "finance"));
        assertThat(explanation.rules()).hasSize(2);
        assertThat(explanation.rules().getFirst().conditions())
                .containsExactly(new ConditionTrace("from", "[orders]", "backoffice", false));
        assertThat(explanation.rules().getLast().conditions())
                .containsExactly(
                        new ConditionTrace("from", "[backoffice, web]", "backoffice", true),
                        new ConditionTrace("user", "a token of issuer shop", "fay of issuer shop", true),
                        new ConditionTrace("allRoles", "all of [finance]", "[customer]", false));
        assertThat(explanation.advice())
                .isEqualTo("would be allowed with a token of issuer shop that has role finance and claim dept payments:"
                        + " rule payment/refund/finance");
    }

    @Test
    void deniedCallerLearnsWhoMayCall() {
        assertThat(advice(call("web", "POST", "/charges")))
                .isEqualTo("orders may call POST /charges: rule payment/charge/orders");
        assertThat(advice(call("payment", "POST", "/charges/1/refunds")))
                .isEqualTo("orders may call POST /charges/{id}/refunds with a good token: rule payment/refund/auto;"
                        + " backoffice or web may call POST /charges/{id}/refunds with a token of issuer shop that has"
                        + " role finance and claim dept payments: rule payment/refund/finance");
    }

    @Test
    void unknownCallerLearnsThatItIsUnknown() {
        assertThat(advice(call("stranger", "POST", "/charges")))
                .startsWith("spiffe://shop.example/sa/stranger is no service of Mesh shop; orders may call");
        assertThat(advice(GivenFacts.of(Optional.empty(), "POST", "/charges")))
                .startsWith("a caller without a client certificate is nobody; orders may call");
    }

    @Test
    void missingRouteLearnsWhatTheServiceCovers() {
        assertThat(advice(call("web", "GET", "/charges")))
                .isEqualTo("no route of payment covers GET /charges; it covers POST /charges (route payment/charge)");
        assertThat(advice(call("web", "GET", "/x"))).isEqualTo("no route of payment covers GET /x");
    }

    @Test
    void refusedTokenIsNamedByItsReasonOnly() {
        Explanation explanation = SET.explain(
                call("orders", "POST", "/charges/1/refunds").as(new UserFact.Bad(Reason.TOKEN_SIGNATURE)), NOW);

        assertThat(explanation.rules().getFirst().conditions().getLast())
                .isEqualTo(new ConditionTrace("user", "a good token", "a refused token: token_signature", false));
        assertThat(explanation.advice()).isEqualTo("would be allowed with a good token: rule payment/refund/auto");
    }

    @Test
    void userWhoWasCarriedIsShownWithTheServicesThatDid() throws InvalidDocumentException {
        String mesh = Shop.MESH.replace("level: int}}", "level: int}, verifiedBy: [web]}");
        PolicySet set = PolicySet.compile(
                DocumentSet.load(List.of(new Source(
                        "shop.yaml",
                        mesh
                                + Shop.policy("{charge: {match: POST /charges, allow: {"
                                        + "carried: {from: [orders], user: {issuer: shop, via: {from: [web], maxHops: 2}}},"
                                        + "own: {from: [orders], user: {issuer: shop}}}}}")))),
                "payment");
        User fay = user("shop", "fay", List.of(), List.of(), Map.of());

        Explanation allowed =
                set.explain(call("orders", "POST", "/charges").as(Facts.carried(fay, List.of("web", "orders"))), NOW);
        Explanation denied = set.explain(
                call("orders", "POST", "/charges").as(Facts.carried(fay, List.of("web", "backoffice", "orders"))), NOW);

        assertThat(allowed.rules().getFirst().conditions().getLast())
                .isEqualTo(new ConditionTrace(
                        "user",
                        "a token of issuer shop (or carried by [web] in at most 2 hops)",
                        "fay of issuer shop, carried by [web, orders]",
                        true));
        assertThat(allowed.rules().getLast().conditions().getLast())
                .isEqualTo(new ConditionTrace(
                        "user",
                        "a token of issuer shop",
                        "no token of the user's own; the hop token counts only where via says so",
                        false));
        assertThat(denied.decision().reason()).isEqualTo(Reason.TOKEN_CHAIN);
        assertThat(denied.rules().getFirst().conditions().getLast().actual())
                .isEqualTo("fay of issuer shop, carried by [web, backoffice, orders]");
    }

    @Test
    void allowedRequestNamesItsRule() {
        Explanation explanation = SET.explain(call("orders", "POST", "/charges"), NOW);

        assertThat(explanation.advice()).isEqualTo("allowed by rule payment/charge/orders");
        assertThat(explanation.rules().getFirst().held()).isTrue();
        assertThat(explanation.nearest()).hasValue(new RuleRef("payment", "charge", "orders"));
    }

    private static String advice(RequestFacts facts) {
        return SET.explain(facts, NOW).advice();
    }
}
