package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reference implementation tests itself with. */
class GoSpiffeCorpusTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("sallyport.corpora", "../../../shared/corpora"), "go-spiffe");

    @BeforeEach
    void corpusIsThere() {
        assumeTrue(Files.isDirectory(CORPUS), "skipped: no folder " + CORPUS + " (system property sallyport.corpora)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"good-leaf-only.pem", "good-leaf-and-intermediate.pem"})
    void goodSvidHasAnIdentity(String name) throws Exception {
        assertThat(X509Svid.leafId(Pem.certificates(svid(name)).getFirst()).path())
                .startsWith("/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "corrupt-cert.pem",
                "not-pem",
                "wrong-leaf-ca-true.pem",
                "wrong-leaf-cert-sign.pem",
                "wrong-leaf-crl-sign.pem",
                "wrong-leaf-empty-id.pem",
                "wrong-leaf-no-digital-signature.pem",
            })
    void wrongSvidIsRefused(String name) {
        assertThatThrownBy(() -> X509Svid.leafId(Pem.certificates(svid(name)).getFirst()))
                .isInstanceOf(SvidRejectedException.class)
                .hasMessageContaining("expected:");
    }

    /** Read as certificates only: the ones in these files are no authorities, which a bundle of ours must hold. */
    @ParameterizedTest
    @ValueSource(strings = {"cert.pem", "certs.pem"})
    void goodBundleIsRead(String name) throws Exception {
        List<X509Certificate> certificates = Pem.certificates(bundle(name));
        assertThat(certificates).isNotEmpty();
        assertThat(Pem.certificates(Pem.encode(certificates))).isEqualTo(certificates);
    }

    @ParameterizedTest
    @ValueSource(strings = {"not-pem.pem", "empty.pem", "corrupted.pem"})
    void brokenBundleIsRefused(String name) {
        assertThatThrownBy(() -> TrustBundle.ofPem(new TrustDomain("domain.test"), bundle(name)))
                .isInstanceOf(SvidRejectedException.class);
    }

    private static String svid(String name) throws Exception {
        return Files.readString(CORPUS.resolve("svid/x509svid/testdata").resolve(name), StandardCharsets.ISO_8859_1);
    }

    private static String bundle(String name) throws Exception {
        return Files.readString(
                CORPUS.resolve("bundle/x509bundle/testdata").resolve(name), StandardCharsets.ISO_8859_1);
    }
}
