package dev.sallyport.authoring;

import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.RoutePolicy.Callers;
import java.util.List;

/** What is doubtful in a Guardrail. */
final class GuardrailLint {
    /** A denial of every request of the mesh. */
    static final String DENIES_EVERYTHING = "SP0706";

    private GuardrailLint() {}

    static void check(Guardrail guardrail, Warnings warnings) {
        for (Denial denial : guardrail.deny().values()) {
            if (denial.to().anyMesh() && everyRequest(denial) && !hasException(denial)) {
                warnings.add(
                        "Guardrail",
                        guardrail.name(),
                        List.of("spec", "deny", denial.name()),
                        DENIES_EVERYTHING,
                        "denies every request to every service (expected: match, from, when or an unless… that says which"
                                + " are meant)");
            }
        }
    }

    private static boolean everyRequest(Denial denial) {
        boolean everyPath = denial.matches().isEmpty()
                || denial.matches().stream().anyMatch(match -> match.toString().equals("/**"));
        return everyPath
                && denial.from().map(Callers::anyMesh).orElse(true)
                && denial.when().isEmpty();
    }

    private static boolean hasException(Denial denial) {
        return denial.unlessFrom().isPresent()
                || denial.unlessUser().isPresent()
                || !denial.unlessFields().isEmpty()
                || denial.unlessWhen().isPresent();
    }
}
