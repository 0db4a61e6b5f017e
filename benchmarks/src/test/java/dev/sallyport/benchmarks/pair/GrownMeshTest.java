package dev.sallyport.benchmarks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.benchmarks.pair.GrownMesh.Size;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.RoutePolicy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrownMeshTest {
    private static DocumentSet load(Size size) throws InvalidDocumentException {
        return DocumentSet.load(List.of(new Source("mesh.yaml", GrownMesh.documents(size))));
    }

    @ParameterizedTest
    @CsvSource({"20, 10, 1, 5", "1000, 5, 1, 5", "1003, 50, 1, 5", "10000, 5000, 1, 5", "20, 10, 64, 1000"})
    void documentsLoadAndHaveAsManyOfEachAsTheSizeSays(int rules, int routes, int issuers, int services)
            throws Exception {
        DocumentSet documents = load(new Size(rules, routes, issuers, services));
        RoutePolicy policy = documents.policies().get("backend");
        assertThat(policy.routes()).hasSize(routes);
        assertThat(policy.routes().values().stream()
                        .mapToInt(route -> route.allow().size())
                        .sum())
                .isEqualTo(rules);
        assertThat(documents.mesh().issuers()).hasSize(issuers);
        assertThat(documents.mesh().services()).hasSize(services);
    }

    @Test
    void sizeWithoutARouteThatIsAskedOrWithARouteWithoutRulesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Size(20, 1, 1, 5))
                .withMessage("routes: 1 (expected: at least 2)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Size(9, 10, 1, 5))
                .withMessage("rules: 9 (expected: at least 10)");
    }
}
