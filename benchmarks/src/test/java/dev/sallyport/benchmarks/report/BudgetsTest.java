package dev.sallyport.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetsTest {
    private static List<Budget> parse(String entry) throws InvalidDocumentException {
        return Budgets.parse(new Source("budgets.yaml", "budgets:\n  - " + entry + "\n"));
    }

    @Test
    void entryHasGoalMarginAndWiderMarginForQuickRuns() throws InvalidDocumentException {
        Budget budget = parse("{benchmark: latency, figure: \"3000/s CPU, pair, µs\", of: sallyport, to: nginx,"
                        + " goal: 0.92, most: 1.0, quick: 1.6}")
                .getFirst();
        assertThat(budget.name()).isEqualTo("latency: 3000/s CPU, pair, µs, sallyport / nginx");
        assertThat(budget.goal()).contains(0.92);
        assertThat(budget.bound()).isEqualTo(1.0);
        assertThat(budget.quick()).contains(1.6);
        assertThat(budget.direction().holds(1.0, 1.0)).isTrue();
        assertThat(budget.direction().holds(1.01, 1.0)).isFalse();
    }

    @Test
    void leastHoldsWhatIsNotBelow() throws InvalidDocumentException {
        Budget budget = parse("{benchmark: latency, figure: f, of: sallyport, least: 4, quick: 1}")
                .getFirst();
        assertThat(budget.to()).isEmpty();
        assertThat(budget.direction().holds(4, 4)).isTrue();
        assertThat(budget.direction().holds(3.9, 4)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{benchmark: b, figure: f, of: a} | budgets.yaml:2:5 | either most or least",
                "{benchmark: b, figure: f, of: a, most: 1, least: 1} | budgets.yaml:2:5 | either most or least",
                "{benchmark: b, figure: f, of: a, most: much} | budgets.yaml:2:44 | much (expected: a decimal number",
                "{benchmark: b, figure: f, of: a, most: -1} | budgets.yaml:2:44 | -1 (expected: a decimal number",
                "{benchmark: b, figure: f, most: 1} | budgets.yaml:2:5 | missing",
                "{benchmark: b, figure: f, of: a, most: 1, marging: 2} | budgets.yaml:2:47 | marging",
                "{benchmark: b, figure: f, of: a, most: 1, quick: 0.9} | budgets.yaml:2:54 | at least as wide as the budget, 1.00",
                "{benchmark: b, figure: f, of: a, least: 1, quick: 1.1} | budgets.yaml:2:55 | at least as wide as the budget, 1.00",
                "{benchmark: b, figure: f, of: a, most: 1, goal: 0.9, stretch: 0.95} | budgets.yaml:2:67 | beyond the goal",
                "latency | budgets.yaml:2:5 | a mapping"
            })
    void slipIsNamedWithItsPlace(String entry, String place, String message) {
        assertThatThrownBy(() -> parse(entry))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining(place)
                .hasMessageContaining(message);
    }

    @Test
    void unknownListIsRefused() {
        assertThatThrownBy(() -> Budgets.parse(new Source("budgets.yaml", "budget: []\n")))
                .hasMessageContaining("budgets.yaml:1:1")
                .hasMessageContaining("budget");
    }

    @Test
    void committedBudgetsAreValid() throws IOException, InvalidDocumentException {
        assertThat(Budgets.read(Path.of("budgets.yaml"))).isNotEmpty();
    }
}
