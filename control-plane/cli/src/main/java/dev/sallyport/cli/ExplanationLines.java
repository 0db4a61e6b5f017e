package dev.sallyport.cli;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Explanation;
import dev.sallyport.policy.Explanation.ConditionTrace;
import java.util.ArrayList;
import java.util.List;

/** An explanation for people: each guardrail, each rule with its conditions, the nearest allow. */
public final class ExplanationLines {
    private final Invocation invocation;

    private ExplanationLines(Invocation invocation) {
        this.invocation = invocation;
    }

    /** {@code invocation} paints. */
    public static List<String> of(Explanation why, Invocation invocation) {
        return new ExplanationLines(invocation).lines(why);
    }

    /** {@code allow}, {@code deny} or {@code ask}: an open question is neither. */
    public static String verdict(Decision decision) {
        return switch (decision) {
            case Decision.Allow _ -> "allow";
            case Decision.Deny _ -> "deny";
            case Decision.Ask _ -> "ask";
        };
    }

    private List<String> lines(Explanation why) {
        List<String> lines = new ArrayList<>();
        why.guardrails().forEach(guardrail -> {
            lines.add("  " + mark(!guardrail.denies()) + " guardrail " + guardrail.guardrail());
            if (guardrail.denies()) {
                guardrail.conditions().forEach(condition -> lines.add(line(condition)));
            }
        });
        why.rules().forEach(rule -> {
            lines.add("  rule " + rule.rule());
            rule.conditions().forEach(condition -> lines.add(line(condition)));
        });
        boolean held = why.decision() instanceof Decision.Allow;
        lines.add("  " + (held ? "" : "nearest allow: ") + Table.visible(why.advice()));
        why.shadow()
                .ifPresent(shadow -> lines.add("  if nothing were in dry run: " + verdict(shadow) + " "
                        + shadow.reason().code() + by(shadow)));
        return lines;
    }

    private static String by(Decision decision) {
        return switch (decision) {
            case Decision.Allow allow ->
                allow.rule().map(rule -> " by rule " + rule).orElse("");
            case Decision.Deny deny ->
                deny.guardrail().map(guardrail -> " by guardrail " + guardrail).orElse("");
            case Decision.Ask ask -> " for rule " + ask.rule();
        };
    }

    private String line(ConditionTrace condition) {
        return "    " + mark(condition.held()) + " " + Table.padded(condition.condition(), 12)
                + Table.visible(condition.actual())
                + (condition.held() ? "" : "   (expected: " + Table.visible(condition.expected()) + ")");
    }

    private String mark(boolean good) {
        return good ? invocation.paint(Colour.GOOD, "✔") : invocation.paint(Colour.BAD, "✘");
    }
}
