package dev.sallyport.cli.documents;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyDiffTest {
    @TempDir
    private Path folder;

    private Path before;

    @BeforeEach
    void documents() throws IOException {
        before = ShopDocuments.write(folder.resolve("before"));
    }

    private Path after(String text, String other) throws IOException {
        return ShopDocuments.write(folder.resolve("after"), ShopDocuments.PAYMENT.replace(text, other));
    }

    @Test
    void wideningIsMarkedAndEndsWith5() throws IOException {
        Ran ran = sallyport("policy", "diff", before, after("from: [orders]", "from: [orders, catalog]"));

        assertThat(ran.exit()).isEqualTo(5);
        assertThat(ran.out())
                .contains("▲ widening   newly allowed  catalog → payment POST /charges")
                .contains("by rule payment/charge/orders (user shop anyRole [customer])");
        assertThat(ran.err()).contains("1 change, 1 of them widening");
    }

    @Test
    void narrowingEndsWith0() throws IOException {
        Ran ran = sallyport("policy", "diff", before, after("anyRole: [customer]", "allRoles: [customer, adult]"));

        assertThat(ran.held().out()).contains("▽ narrowing  narrowed  orders → payment POST /charges");
        assertThat(ran.err()).contains("none widens");
    }

    @Test
    void sameDocumentsChangeNothing() {
        Ran ran = sallyport("policy", "diff", before, before, "-o", "json");

        assertThat(ran.json().path("widening").asBoolean(true)).isFalse();
        assertThat(ran.json().path("changes")).isEmpty();
        assertThat(ran.exit()).isZero();
    }

    @Test
    void invalidDocumentsAreRefusedWithTheirPlace() throws IOException {
        sallyport("policy", "diff", before, after("from: [orders]", "form: [orders]"))
                .refused(3, "payment.yaml:7:", "form");
    }

    @Test
    void whoCanAndWhatCanReadTheSameRulesFromTwoSides() {
        assertThat(sallyport("who-can", "POST /charges", before).held().out().lines())
                .hasSize(2)
                .anyMatch(line -> line.matches("orders +payment +POST /charges +user shop anyRole \\[customer] +.*"));
        assertThat(sallyport("what-can", "backoffice", before).held().out())
                .contains("POST /charges/{id}/refunds", "GET /health")
                .doesNotContain("POST /charges ");
        assertThat(sallyport("who-can", "DELETE /charges", before).held().err()).contains("nobody");
        sallyport("what-can", "backofice", before).refused(2, "did you mean backoffice?");
        sallyport("who-can", "POST /char{ges", before).refused(2, "POST /char{ges: expected: a variable");
    }
}
