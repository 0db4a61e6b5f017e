package dev.sallyport.benchmarks.report;

import dev.sallyport.document.Code;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code budgets.yaml}: {@code budgets}, a list of mappings, each with {@code most} or {@code least}. */
final class Budgets {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,6})?");

    private Budgets() {}

    static List<Budget> read(Path file) throws IOException, InvalidDocumentException {
        return parse(Source.read(file).getFirst());
    }

    /** Every problem at once. */
    static List<Budget> parse(Source source) throws InvalidDocumentException {
        Problems problems = new Problems();
        List<Budget> budgets = new ArrayList<>();
        for (Node document : Documents.parse(source, problems)) {
            Fields root = Fields.of(document, "", problems);
            root.node("budgets")
                    .ifPresentOrElse(
                            list -> budgets.addAll(entries(list, problems)),
                            () -> root.missing("budgets", "a list of mappings"));
            root.done();
        }
        problems.throwIfAny();
        return List.copyOf(budgets);
    }

    private static List<Budget> entries(Node node, Problems problems) {
        if (!(node instanceof Node.Sequence list)) {
            problems.add(node.location(), "budgets", Code.FORM, node.form() + " (expected: a list of mappings)");
            return List.of();
        }
        List<Budget> budgets = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            budgets.add(budget(Fields.of(list.items().get(i), "budgets[" + i + "]", problems)));
        }
        return budgets;
    }

    private static Budget budget(Fields fields) {
        boolean least = fields.has("least");
        if (least == fields.has("most")) {
            fields.missing("most", "either most or least");
        }
        Budget budget = new Budget(
                fields.location(),
                fields.text("benchmark"),
                fields.text("figure"),
                fields.text("of"),
                fields.optionalText("to"),
                least ? Budget.Direction.LEAST : Budget.Direction.MOST,
                number(fields, "goal"),
                number(fields, "stretch"),
                number(fields, least ? "least" : "most").orElse(0.0),
                number(fields, "quick"));
        consistent(fields, budget);
        fields.done();
        return budget;
    }

    /** A quick margin that is narrower than the full one, or a goal that the budget lets go of, is a slip of the pen. */
    private static void consistent(Fields fields, Budget budget) {
        budget.quick()
                .filter(quick -> !budget.direction().holds(budget.bound(), quick))
                .ifPresent(quick -> fields.problem(
                        "quick",
                        Code.VALUE,
                        Budget.number(quick) + " (expected: at least as wide as the budget, "
                                + Budget.number(budget.bound()) + ")"));
        budget.stretch()
                .filter(stretch -> budget.goal()
                        .filter(goal -> budget.direction().holds(stretch, goal))
                        .isEmpty())
                .ifPresent(stretch ->
                        fields.problem("stretch", Code.VALUE, Budget.number(stretch) + " (expected: beyond the goal)"));
    }

    private static Optional<Double> number(Fields fields, String key) {
        Optional<String> text = fields.optionalText(key);
        text.filter(value -> !NUMBER.matcher(value).matches())
                .ifPresent(value -> fields.problem(key, Code.VALUE, value + " (expected: a decimal number, as 0.92)"));
        return text.filter(value -> NUMBER.matcher(value).matches()).map(Double::valueOf);
    }
}
