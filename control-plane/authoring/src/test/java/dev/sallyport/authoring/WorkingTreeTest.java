package dev.sallyport.authoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkingTreeTest {
    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              services:
                web: {identity: spiffe://shop.example/sa/web}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            """;
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: pay}
            spec:
              service: payment
              routes:
                charge:
                  match: POST /charges
                  allow:
                    web: {from: web, user: none, expires: 2027-03-31}
            """;

    @ParameterizedTest
    @CsvSource({
        "2027-03-30T23:59:59Z,true",
        "2027-03-31T00:00:00Z,false",
        "2027-03-31T00:00:01Z,false",
        "2037-03-31T00:00:00Z,false"
    })
    void setWithAGrantThatHasEndedIsNotAccepted(Instant now, boolean accepted) throws InvalidDocumentException {
        assertThat(problems(MESH, POLICY, now).isEmpty()).isEqualTo(accepted);
        assertThat(WorkingTree.stored(sources(MESH, POLICY)).set().policies()).hasSize(1);
    }

    @Test
    void endedGrantIsNamedAtItsPlaceWithWhatToWriteInstead() {
        assertThat(problems(MESH, POLICY, Instant.parse("2027-04-01T00:00:00Z")))
                .containsExactly(
                        "policy.yaml:10:38: SP0702 spec.routes.charge.allow.web.expires: 2027-03-31T00:00:00Z: has"
                                + " passed, and the rule grants nothing (expected: a time after 2027-04-01T00:00:00Z, or no such"
                                + " rule)");
    }

    @Test
    void everyEndedObservationIsNamed() {
        String mesh = MESH.replace("spec:\n", "spec:\n  mode: observe\n  until: 2027-01-01\n");
        String policy = POLICY.replace("spec:\n", "spec:\n  mode: observe\n  until: 2027-01-01\n")
                .replace("match:", "mode: observe\n      until: 2027-01-01\n      match:");

        assertThat(problems(mesh, policy, Instant.parse("2027-01-01T00:00:00Z")))
                .hasSize(3)
                .allMatch(problem -> problem.contains("SP0703"))
                .anyMatch(problem ->
                        problem.contains("mesh.yaml:6:3: SP0703 spec.until: 2027-01-01T00:00:00Z: has passed"))
                .anyMatch(problem -> problem.contains("SP0703 spec.routes.charge.until"));
        assertThat(problems(mesh, policy, Instant.parse("2026-12-31T23:59:59Z")))
                .isEmpty();
    }

    @Test
    void endedGrantOfACandidateIsNamedToo() {
        String candidate = POLICY.replace("name: pay", "name: pay-next").replace("spec:\n", "spec:\n  mode: dryRun\n");

        assertThat(problems(MESH, candidate, Instant.parse("2027-04-01T00:00:00Z")))
                .singleElement()
                .asString()
                .contains("SP0702");
    }

    /** A sidecar must not refuse a whole snapshot because one grant in it ended. */
    @Test
    void snapshotIsReadWhateverHasEnded() throws InvalidDocumentException {
        DocumentSet set = WorkingTree.load(sources(MESH, POLICY), Instant.EPOCH).set();

        assertThat(DocumentSet.ofJson(set.toJson())).isEqualTo(set);
    }

    @Test
    void problemsOfTheLoaderComeFirst() {
        assertThat(problems(MESH, POLICY.replace("from: web", "from: wbe"), Instant.parse("2037-01-01T00:00:00Z")))
                .singleElement()
                .asString()
                .contains("SP0101");
    }

    private static List<String> problems(String mesh, String policy, Instant now) {
        InvalidDocumentException invalid = catchThrowableOfType(
                InvalidDocumentException.class, () -> WorkingTree.load(sources(mesh, policy), now));
        return invalid == null
                ? List.of()
                : invalid.problems().stream().map(Problem::toString).toList();
    }

    private static List<Source> sources(String mesh, String policy) {
        return List.of(new Source("mesh.yaml", mesh), new Source("policy.yaml", policy));
    }
}
