package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ExplanationLines;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Explanation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Everything that {@code explain} says of one decision. {@code circumstances} end the first line (time, revision, sidecar); {@code facts} are what was observed, by label; without
 * {@code explanation} no rule was asked, or the policy is gone; {@code notes} are sentences.
 */
record Account(
        String verdict,
        int status,
        String reason,
        List<String> circumstances,
        SequencedMap<String, String> facts,
        Optional<Explanation> explanation,
        List<String> notes) {

    /** Of a decision made now. */
    static Account of(
            Explanation explanation,
            List<String> circumstances,
            SequencedMap<String, String> facts,
            List<String> notes) {
        Decision decision = explanation.decision();
        return new Account(
                ExplanationLines.verdict(decision),
                decision.reason().status(),
                decision.reason().code(),
                circumstances,
                facts,
                Optional.of(explanation),
                notes);
    }

    boolean allowed() {
        return verdict.equals("allow");
    }

    /** For people; {@code invocation} paints. */
    List<String> lines(Invocation invocation) {
        List<String> lines = new ArrayList<>();
        String word = invocation.paint(allowed() ? Colour.GOOD : Colour.BAD, verdict.toUpperCase(Locale.ROOT));
        String shownStatus = status > 0 ? " " + status : "";
        lines.add(word + shownStatus + " " + reason + "   " + String.join("  ", circumstances));
        facts.forEach((label, value) -> lines.add("  " + Table.padded(label, 10) + Table.visible(value)));
        explanation.ifPresent(why -> lines.addAll(ExplanationLines.of(why, invocation)));
        notes.forEach(note -> lines.add("  note: " + Table.visible(note)));
        return lines;
    }

    /** {@code record}: the fields as they are on disk, empty for a made-up request. */
    ObjectNode json(Map<String, Object> record) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        json.put("decision", verdict).put("status", status).put("reason", reason);
        ObjectNode observed = json.putObject("facts");
        facts.forEach(observed::put);
        explanation.ifPresent(why -> {
            ArrayNode guardrails = json.putArray("guardrails");
            why.guardrails()
                    .forEach(guardrail -> conditions(
                            guardrails
                                    .addObject()
                                    .put("guardrail", guardrail.guardrail().toString())
                                    .put("denies", guardrail.denies()),
                            guardrail.conditions()));
            ArrayNode rules = json.putArray("rules");
            why.rules().forEach(rule -> rule(rules.addObject(), rule));
            why.nearest().ifPresent(nearest -> json.put("nearest", nearest.toString()));
            json.put("advice", why.advice());
            why.shadow()
                    .ifPresent(shadow -> json.putObject("dryRun")
                            .put("decision", ExplanationLines.verdict(shadow))
                            .put("reason", shadow.reason().code()));
        });
        ArrayNode said = json.putArray("notes");
        notes.forEach(said::add);
        if (!record.isEmpty()) {
            json.set("record", Invocation.JSON.valueToTree(record));
        }
        return json;
    }

    private static void rule(ObjectNode json, Explanation.RuleTrace rule) {
        json.put("rule", rule.rule().toString()).put("held", rule.held());
        conditions(json, rule.conditions());
    }

    private static void conditions(ObjectNode json, List<Explanation.ConditionTrace> traced) {
        ArrayNode conditions = json.putArray("conditions");
        for (Explanation.ConditionTrace condition : traced) {
            conditions
                    .addObject()
                    .put("condition", condition.condition())
                    .put("expected", condition.expected())
                    .put("actual", condition.actual())
                    .put("held", condition.held());
        }
    }
}
