package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.policy.Vectors.Vector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The public corpus of decision vectors, judged by the engine, and by the naive evaluator of test code. */
class VectorsTest {
    private static final int CASES_MIN = 250;

    /** The sidecar gives them around a decision. */
    private static final Set<Reason> NOT_OF_A_POLICY =
            EnumSet.of(Reason.TLS_REQUIRED, Reason.POLICY_UNAVAILABLE, Reason.AUDIT_UNAVAILABLE);

    @TestFactory
    Stream<DynamicContainer> everyVectorIsDecidedAsItSays() throws IOException, InvalidDocumentException {
        return all().stream().map(file -> DynamicContainer.dynamicContainer(file.name(), byTheEngine(file)));
    }

    private static Stream<DynamicTest> byTheEngine(Vectors file) {
        PolicySet engine = PolicySet.compile(file.set(), file.service());
        return file.cases().stream().map(vector -> test(file, vector, engine::decide, engine::shadow));
    }

    /** Not those with conditions, which the naive evaluator cannot read. */
    @TestFactory
    Stream<DynamicContainer> everyVectorIsDecidedSoByHand() throws IOException, InvalidDocumentException {
        return all().stream()
                .filter(file -> !file.name().startsWith(Vectors.WHEN))
                .map(file -> DynamicContainer.dynamicContainer(file.name(), byHand(file)));
    }

    private static Stream<DynamicTest> byHand(Vectors file) {
        NaiveEvaluator naive = new NaiveEvaluator(file.set(), file.service(), new NaiveConditions());
        return file.cases().stream().map(vector -> test(file, vector, naive::decide, naive::shadow));
    }

    private static DynamicTest test(
            Vectors file,
            Vector vector,
            BiFunction<RequestFacts, Instant, Decision> decide,
            BiFunction<RequestFacts, Instant, Optional<Decision>> shadow) {
        return DynamicTest.dynamicTest(vector.name(), () -> {
            SortedMap<String, String> actual;
            try {
                RequestFacts facts = vector.facts().facts();
                actual = VectorOutcome.of(
                        decide.apply(facts, vector.now()),
                        shadow.apply(facts, vector.now()),
                        vector.expected().keySet());
            } catch (RequestRejectedException refused) {
                actual = VectorOutcome.refused(refused);
            }
            assertThat(actual).as("%s: %s", file.name(), vector.name()).isEqualTo(vector.expected());
        });
    }

    @Test
    void everyReasonOfADecisionHasAVector() throws IOException, InvalidDocumentException {
        List<Vector> vectors =
                all().stream().flatMap(file -> file.cases().stream()).toList();
        Set<String> reasons = new TreeSet<>();
        vectors.forEach(vector -> reasons.add(vector.expected().getOrDefault("reason", Reason.ALLOWED.code())));
        EnumSet<Reason> wanted = EnumSet.range(Reason.ALLOWED, Reason.PATH_REJECTED);
        wanted.removeAll(NOT_OF_A_POLICY);

        assertThat(reasons)
                .containsExactlyInAnyOrderElementsOf(
                        wanted.stream().map(Reason::code).toList());
        assertThat(vectors).hasSizeGreaterThanOrEqualTo(CASES_MIN);
    }

    private static List<Vectors> all() throws IOException, InvalidDocumentException {
        List<Vectors> all = new ArrayList<>();
        for (Path file : Vectors.files()) {
            all.add(Vectors.read(file));
        }
        return all;
    }
}
