package dev.sallyport.authoring;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.List;

/** Everything that is wrong (the loader's problems) or doubtful (warnings) in a set of sources. Pure. */
public final class Lint {
    private Lint() {}

    /** As of {@code now}. Errors only while there is any; then warnings: the Mesh's first, then those of policies, candidates and guardrails, then those of hop tokens. */
    public static List<Finding> check(List<Source> sources, Instant now) {
        try {
            DocumentSet set = WorkingTree.load(sources, now).set();
            Warnings warnings = new Warnings(new Places(sources));
            new MeshLint(set, warnings).check();
            set.policies().values().forEach(policy -> new RouteLint(set.mesh(), policy, warnings).check());
            set.candidates().values().forEach(candidate -> new RouteLint(set.mesh(), candidate, warnings).check());
            set.guardrails().values().forEach(guardrail -> GuardrailLint.check(guardrail, warnings));
            new ViaLint(set, warnings).check();
            return warnings.list();
        } catch (InvalidDocumentException invalid) {
            return invalid.problems().stream()
                    .map(problem -> new Finding(Finding.Severity.ERROR, problem))
                    .toList();
        }
    }
}
