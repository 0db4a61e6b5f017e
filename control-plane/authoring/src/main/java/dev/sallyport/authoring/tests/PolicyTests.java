package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Invariant;
import dev.sallyport.authoring.tests.TestReport.Kind;
import dev.sallyport.authoring.tests.TestReport.Result;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The tests of a document set: read with it, and run offline with the evaluator that decides in the sidecar. Pure. */
public final class PolicyTests {
    private PolicyTests() {}

    /** Every {@code PolicyTest} of the sources. {@code set}: empty when it has problems, so that only the form of the tests is judged. Incomplete where there are problems. */
    public static List<PolicyTest> read(List<Source> sources, Optional<DocumentSet> set, Problems problems) {
        return PolicyTestReader.read(sources, new References(set, problems));
    }

    /** The cases and invariants whose {@code test/name} is {@code wanted}; {@code now} is the time of the tests that state none. */
    public static TestReport run(DocumentSet set, List<PolicyTest> tests, Instant now, Predicate<String> wanted) {
        CaseJudge judge = new CaseJudge(set);
        Invariants invariants = new Invariants(set);
        List<Result> results = new ArrayList<>();
        for (PolicyTest test : tests) {
            Instant time = test.now().orElse(now);
            test.cases().stream()
                    .filter(one -> wanted.test(test.name() + "/" + one.name()))
                    .forEach(one -> results.add(judge.judge(test, one, time)));
            test.invariants().stream()
                    .filter(one -> wanted.test(test.name() + "/" + one.name()))
                    .forEach(one -> results.add(result(test, one, invariants, time)));
        }
        return new TestReport(results, judge.coverage());
    }

    private static Result result(PolicyTest test, Invariant one, Invariants invariants, Instant now) {
        return new Result(
                Kind.INVARIANT,
                test.name(),
                one.name(),
                one.location(),
                one.subject(),
                invariants.broken(one, one.at().from(now)),
                Optional.empty());
    }
}
