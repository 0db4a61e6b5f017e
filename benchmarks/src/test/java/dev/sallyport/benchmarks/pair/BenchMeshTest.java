package dev.sallyport.benchmarks.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.Source;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.DocumentSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchMeshTest {
    @TempDir
    private Path folder;

    @Test
    void policyHasAsManyRulesAsTheReportSays() throws Exception {
        BenchMesh.write(folder);
        DocumentSet documents =
                DocumentSet.load(List.of(new Source("mesh.yaml", Files.readString(folder.resolve("mesh.yaml")))));
        assertThat(documents.policies().values().stream()
                        .flatMap(policy -> policy.routes().values().stream())
                        .mapToInt(route -> route.allow().size())
                        .sum())
                .isEqualTo(Rules.FULL.count())
                .isEqualTo(20);
    }

    @Test
    void certificatesAreWhatASidecarAcceptsAndCarryTheNameThatNginxAsksFor() throws Exception {
        BenchMesh.write(folder);
        SvidPublisher publisher = new SvidPublisher(Clock.systemUTC());
        publisher.publishBundles(List.of(
                TrustBundle.ofPem(TrustDomain.parse("bench.example"), Files.readString(folder.resolve("ca.pem")))));
        var chain = Pem.certificates(Files.readString(folder.resolve("backend.pem")));
        assertThat(new SvidVerifier(publisher.source(), Clock.systemUTC()).verify(chain))
                .hasToString(BenchMesh.identity("backend"));
        assertThat(chain.getFirst().getSubjectAlternativeNames())
                .anySatisfy(name -> assertThat(name.get(1)).isEqualTo("backend.bench.example"));
    }
}
