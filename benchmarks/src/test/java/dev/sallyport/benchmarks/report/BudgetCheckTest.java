package dev.sallyport.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetCheckTest {
    @TempDir
    private Path results;

    private BudgetCheck check(String command, String entry) throws IOException, InvalidDocumentException {
        Files.writeString(results.resolve("latency.json"), """
                {"benchmark": "latency", "command": [%s], "leftOut": ["haproxy"],
                 "overload": {"3000/s": ["envoy-1000"], "saturated": []},
                 "summary": {
                   "3000/s CPU": {
                     "sallyport": {"median": 100, "least": 90, "greatest": 110},
                     "nginx": {"median": 110, "least": 90, "greatest": 120}, "sallyport/nginx": 0.909},
                   "saturated answered/s": {
                     "sallyport": {"median": 20000, "least": 1, "greatest": 2},
                     "nginx": {"median": 19000, "least": 1, "greatest": 2}}}}
                """.formatted(command));
        return BudgetCheck.of(
                Budgets.parse(new Source(
                        "budgets.yaml", "budgets: [{benchmark: latency, figure: \"3000/s CPU\", " + entry + "}]")),
                results);
    }

    private BudgetCheck full(String entry) throws IOException, InvalidDocumentException {
        return check("\"latency\"", entry);
    }

    @Test
    void ratioWithinItsBudgetIsKept() throws IOException, InvalidDocumentException {
        assertThat(full("of: sallyport, to: nginx, most: 0.92").kept()).isEqualTo(1);
    }

    @Test
    void ratioBeyondItsBudgetFellWithWhatWasMeasured() throws IOException, InvalidDocumentException {
        BudgetCheck done = full("of: sallyport, to: nginx, most: 0.90");
        assertThat(done.kept()).isZero();
        assertThat(done.fell()).containsExactly("latency: 3000/s CPU, sallyport / nginx: 0.91 (budget: ≤ 0.90)");
    }

    @Test
    void figureItselfIsComparedWhereNothingElseIsNamed() throws IOException, InvalidDocumentException {
        assertThat(full("of: sallyport, most: 100").kept()).isEqualTo(1);
        assertThat(full("of: sallyport, most: 99").fell()).hasSize(1);
    }

    @Test
    void lessThanTheLeastFell() throws IOException, InvalidDocumentException {
        assertThat(full("of: nginx, to: sallyport, least: 1.1").kept()).isEqualTo(1);
        assertThat(full("of: nginx, to: sallyport, least: 1.2").fell()).hasSize(1);
    }

    @Test
    void quickRunHasTheWideMargin() throws IOException, InvalidDocumentException {
        String entry = "of: sallyport, to: nginx, most: 0.5, quick: 1.6";
        assertThat(check("\"latency\", \"--quick\"", entry).kept()).isEqualTo(1);
        assertThat(full(entry).fell()).hasSize(1);
        assertThat(check("\"latency\", \"--quick\"", "of: sallyport, to: nginx, most: 0.5, quick: 0.6")
                        .fell())
                .hasSize(1);
    }

    @Test
    void budgetWithoutAWideMarginIsNotCheckedByAQuickRun() throws IOException, InvalidDocumentException {
        BudgetCheck done = check("\"latency\", \"--quick\"", "of: sallyport, to: nginx, most: 0.5");
        assertThat(done.fell()).isEmpty();
        assertThat(done.unchecked()).singleElement().asString().endsWith("a quick run does not tell");
    }

    @Test
    void configurationThatWasLeftOutIsNamedAsNotChecked() throws IOException, InvalidDocumentException {
        assertThat(full("of: sallyport, to: haproxy, most: 0.5").unchecked())
                .containsExactly("latency: 3000/s CPU, sallyport / haproxy: haproxy was left out");
        assertThat(full("of: sallyport, to: envoy, most: 0.5").unchecked())
                .containsExactly("latency: 3000/s CPU, sallyport / envoy: envoy was not measured");
    }

    @Test
    void ourOverloadFellAndThatOfAPeerIsNotChecked() throws IOException, InvalidDocumentException {
        assertThat(full("of: envoy-1000, to: nginx, most: 100").fell())
                .singleElement()
                .asString()
                .contains("overload");
        assertThat(full("of: nginx, to: envoy-1000, most: 100").unchecked())
                .singleElement()
                .asString()
                .endsWith("envoy-1000 could not hold the load");
    }

    @Test
    void ourOverloadInAQuickRunIsNotChecked() throws IOException, InvalidDocumentException {
        BudgetCheck done = check("\"latency\", \"--quick\"", "of: envoy-1000, to: nginx, most: 100, quick: 200");
        assertThat(done.fell()).isEmpty();
        assertThat(done.unchecked()).singleElement().asString().endsWith("overload in a quick run");
    }

    @Test
    void figureThatNoLongerExistsFell() throws IOException, InvalidDocumentException {
        full("of: sallyport, most: 100");
        BudgetCheck done = BudgetCheck.of(
                Budgets.parse(new Source(
                        "budgets.yaml", "budgets: [{benchmark: latency, figure: \"CPU\", of: sallyport, most: 1}]")),
                results);
        assertThat(done.fell())
                .singleElement()
                .asString()
                .startsWith("budgets.yaml:1:11")
                .contains("no such figure (expected: one of 3000/s CPU; saturated answered/s)");
    }

    @Test
    void commandThatWasNotRunIsNamedAsNotChecked() throws IOException, InvalidDocumentException {
        BudgetCheck done = BudgetCheck.of(
                Budgets.parse(new Source("b.yaml", "budgets: [{benchmark: start, figure: f, of: sallyport, most: 1}]")),
                results);
        assertThat(done.unchecked()).containsExactly("start: f, sallyport: start was not run");
    }
}
