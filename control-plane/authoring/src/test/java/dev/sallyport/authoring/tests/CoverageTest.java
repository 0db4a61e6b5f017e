package dev.sallyport.authoring.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.tests.Coverage.Item;
import dev.sallyport.authoring.tests.Coverage.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoverageTest {
    @Test
    void ruleIsCoveredByAnAllowAndDenialByADenial() {
        Coverage coverage = coverage("""
                cases:
                  charge: {from: orders, as: alice, request: POST /charges, expect: allow}
                  again: {from: orders, as: young, request: POST /charges, expect: allow}
                  stranger: {from: web, as: alice, request: POST /charges, expect: deny}
                """);

        assertThat(covered(coverage))
                .containsExactly(
                        "ROUTE payment/charge 3", "RULE payment/charge/orders 2", "DENIAL card-data/strangers 1");
        assertThat(coverage.items()).hasSize(5 + 6 + 1);
        assertThat(coverage.percent()).isEqualTo(28);
    }

    @Test
    void denialThatARuleOnlyMissedCoversNoRule() {
        assertThat(
                        covered(
                                coverage(
                                        "cases:\n  one: {from: orders, request: POST /charges, expect: deny, rule: payment/charge/orders}\n")))
                .containsExactly("ROUTE payment/charge 1");
    }

    @Test
    void questionThatNobodyAnsweredCoversNoRule() {
        assertThat(covered(
                        coverage("cases:\n  one: {from: backoffice, as: fay, request: POST /payouts, expect: ask}\n")))
                .containsExactly("ROUTE payment/risky 1");
    }

    @Test
    void whatIsInDryRunIsCoveredByAShadowOnly() {
        String plain = "from: backoffice, as: sue, request: POST /charges/c1/refunds, expect: deny";

        assertThat(covered(coverage("cases:\n  one: {" + plain + "}\n"))).doesNotContain("RULE payment/refund/care 1");
        assertThat(covered(coverage("cases:\n  one: {" + plain + ", shadow: {expect: allow}}\n")))
                .contains("RULE payment/refund/care 1");
    }

    @Test
    void candidateIsCountedBesideTheLivePolicy() {
        String candidate = Documents.PAYMENT
                .replace("name: payment", "name: payment-next")
                .replace("service: payment", "service: payment\n  mode: dryRun")
                .replace(", mode: dryRun}", "}");
        String one =
                "cases:\n  one: {from: orders, as: alice, request: POST /charges, expect: allow, shadow: {expect: allow}}\n";

        Coverage coverage = Documents.run(Documents.tree(one, Documents.MESH, Documents.PAYMENT, candidate))
                .coverage();

        assertThat(coverage.of(Kind.RULE).stream().filter(Item::covered))
                .containsExactly(
                        new Item(Kind.RULE, "payment/charge/orders", false, 1),
                        new Item(Kind.RULE, "payment/charge/orders", true, 1));
        assertThat(coverage.of(Kind.RULE)).hasSize(5 + 6);
    }

    @Test
    void percentageIsNeverRoundedUp() {
        List<Item> all =
                new java.util.ArrayList<>(java.util.Collections.nCopies(999, new Item(Kind.RULE, "a/b/c", false, 1)));
        assertThat(new Coverage(all).percent()).isEqualTo(100);
        all.add(new Item(Kind.RULE, "a/b/d", false, 0));
        assertThat(new Coverage(all).percent()).isEqualTo(99);
        assertThat(new Coverage(List.of()).percent()).isEqualTo(100);
    }

    private static Coverage coverage(String spec) {
        return Documents.run(spec).coverage();
    }

    private static List<String> covered(Coverage coverage) {
        return coverage.items().stream()
                .filter(Item::covered)
                .map(item -> item.kind() + " " + item.name() + " " + item.cases())
                .toList();
    }
}
