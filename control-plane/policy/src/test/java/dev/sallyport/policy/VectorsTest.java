package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.InvalidDocumentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The public corpus of decision vectors, judged by the engine and by the naive evaluator of test code. */
class VectorsTest {
    /** The sidecar gives them before or after a decision, and internal_error is for what must not happen. */
    private static final Set<Reason> NOT_OF_A_POLICY = EnumSet.of(
            Reason.TLS_REQUIRED, Reason.RATE_LIMITED, Reason.POLICY_UNAVAILABLE, Reason.AUDIT_UNAVAILABLE);

    @TestFactory
    Stream<DynamicContainer> everyVectorIsDecidedAsItSays() throws IOException, InvalidDocumentException {
        return all().stream().map(file -> DynamicContainer.dynamicContainer(file.name(), tests(file)));
    }

    @Test
    void everyReasonOfADecisionHasAVector() throws IOException, InvalidDocumentException {
        Set<String> reasons = new TreeSet<>();
        int cases = 0;
        for (Vectors file : all()) {
            cases += file.cases().size();
            file.cases().forEach(vector -> reasons.add(vector.expected().getOrDefault("reason", "allowed")));
        }
        EnumSet<Reason> wanted = EnumSet.range(Reason.ALLOWED, Reason.PATH_REJECTED);
        wanted.removeAll(NOT_OF_A_POLICY);

        assertThat(reasons).containsExactlyInAnyOrderElementsOf(wanted.stream().map(Reason::code).toList());
        assertThat(cases).isGreaterThanOrEqualTo(250);
    }

    private static Stream<DynamicTest> tests(Vectors file) {
        PolicySet engine = PolicySet.compile(file.set(), file.service());
        NaiveEvaluator naive = new NaiveEvaluator(file.set(), file.service(), new NaiveConditions());
        return file.cases().stream().map(vector -> DynamicTest.dynamicTest(vector.name(), () -> {
            Set<String> stated = vector.expected().keySet();
            SortedMap<String, String> byEngine;
            SortedMap<String, String> byHand;
            try {
                RequestFacts facts = vector.facts().facts();
                byEngine = VectorOutcome.of(engine.decide(facts, vector.now()), engine.shadow(facts, vector.now()), stated);
                byHand = VectorOutcome.of(naive.decide(facts, vector.now()), naive.shadow(facts, vector.now()), stated);
            } catch (RequestRejectedException refused) {
                byEngine = VectorOutcome.refused(refused);
                byHand = byEngine;
            }
            assertThat(byHand).as("by hand").isEqualTo(vector.expected());
            assertThat(byEngine).as("by the engine").isEqualTo(vector.expected());
        }));
    }

    private static List<Vectors> all() throws IOException, InvalidDocumentException {
        List<Vectors> all = new ArrayList<>();
        for (Path file : Vectors.files()) {
            all.add(Vectors.read(file));
        }
        return all;
    }
}
