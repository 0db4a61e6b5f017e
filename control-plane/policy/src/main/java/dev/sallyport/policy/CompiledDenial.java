package dev.sallyport.policy;

import dev.sallyport.policy.Guardrail.LooseMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One denial of a guardrail, for one service. It is about a request unless one of {@code about} shows that it is not, and denies what it is about unless every one of {@code unless}
 * holds; a fact that is missing, bad, repeated or fails shows nothing and holds nothing. {@code carried}: a hop token counts.
 */
record CompiledDenial(
        GuardrailRef ref,
        List<Matching> matches,
        Optional<CallerCondition.From> from,
        List<Condition> about,
        boolean carried,
        List<Condition> unless) {
    /** A template in its loosest reading, of one method or of every one. */
    record Matching(LooseMatch match, LoosePath path) {
        boolean meets(RequestFacts facts, boolean relaxedPath) {
            boolean method = match.method().isEmpty() || match.method().get().equals(facts.method());
            return method && path.matches(facts.path(), relaxedPath);
        }
    }

    /** {@code paths}: how the service reads them. */
    static CompiledDenial of(GuardrailRef ref, Guardrail.Denial denial, RuleCompiler rules, Paths paths) {
        List<Condition> unless = new ArrayList<>();
        denial.unlessFrom().ifPresent(callers -> unless.add(rules.from(callers)));
        denial.unlessUser().ifPresent(user -> unless.addAll(rules.user(user)));
        rules.fields(denial.unlessFields(), unless);
        denial.unlessWhen().ifPresent(when -> unless.add(rules.when(when)));
        return new CompiledDenial(
                ref,
                denial.matches().stream()
                        .map(match -> new Matching(match, new LoosePath(match.path(), paths)))
                        .toList(),
                denial.from().map(rules::from),
                denial.when().stream().<Condition>map(rules::when).toList(),
                denial.unlessUser()
                        .filter(user -> Decision.Proof.of(user) == Decision.Proof.OWN_OR_HOP_TOKEN)
                        .isPresent(),
                List.copyOf(unless));
    }

    /** {@code relaxedPath}: {@link LoosePath#isRelaxed}, which is the same for every denial. */
    boolean denies(Evaluation evaluation, boolean relaxedPath) {
        return meets(evaluation, relaxedPath)
                && isAbout(evaluation)
                && firstUnmet(evaluation).isPresent();
    }

    /** A connection to an opaque port has no method and no path: a denial about paths is not about it, one about the service is. */
    boolean meets(Evaluation evaluation, boolean relaxedPath) {
        if (matches.isEmpty()) {
            return true;
        }
        if (evaluation.facts().tcpPort().isPresent()) {
            return false;
        }
        for (int i = 0; i < matches.size(); i++) {
            if (matches.get(i).meets(evaluation.facts(), relaxedPath)) {
                return true;
            }
        }
        return false;
    }

    /** {@code from} names the caller, and no {@code when} is false; one that fails counts as true. */
    boolean isAbout(Evaluation evaluation) {
        evaluation.begin(carried);
        if (from.isPresent() && from.get().verdict(evaluation) != Reason.ALLOWED) {
            return false;
        }
        for (int i = 0; i < about.size(); i++) {
            if (about.get(i).verdict(evaluation) == Reason.CONDITION_FALSE) {
                return false;
            }
        }
        return true;
    }

    /** What stands between the request and its rules; itself, as a text, when nothing can: a denial without {@code unless}. */
    Optional<String> firstUnmet(Evaluation evaluation) {
        evaluation.begin(carried);
        for (int i = 0; i < unless.size(); i++) {
            if (unless.get(i).verdict(evaluation) != Reason.ALLOWED) {
                return Optional.of(unless.get(i).name());
            }
        }
        return unless.isEmpty() ? Optional.of("deny") : Optional.empty();
    }
}
