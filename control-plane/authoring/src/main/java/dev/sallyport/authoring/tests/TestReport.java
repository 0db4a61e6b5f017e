package dev.sallyport.authoring.tests;

import dev.sallyport.document.Location;
import dev.sallyport.policy.Explanation;
import java.util.List;
import java.util.Optional;

/** What came of some tests: every case and invariant, in the order of the documents, and what they touched. */
public record TestReport(List<Result> results, Coverage coverage) {
    public TestReport {
        results = List.copyOf(results);
    }

    /** Of one case or invariant. */
    public record Result(
            Kind kind,
            String test,
            String name,
            Location location,
            String subject,
            List<Difference> differences,
            Optional<Explanation> explanation) {
        public Result {
            differences = List.copyOf(differences);
        }

        /** Whether everything was as expected. */
        public boolean passed() {
            return differences.isEmpty();
        }
    }

    /** What was tested. */
    public enum Kind {
        CASE,
        INVARIANT
    }

    /** {@code decision}: expected {@code deny}, actual {@code allow by payment/charge/orders}. */
    public record Difference(String what, String expected, String actual) {
        @Override
        public String toString() {
            return what + ": expected " + expected + ", actual " + actual;
        }
    }

    /** Those that were not as expected. */
    public List<Result> failed() {
        return results.stream().filter(result -> !result.passed()).toList();
    }
}
