package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sallyport.identity.Forge.Holder;
import dev.sallyport.identity.SvidRejectedException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

    /** All three are called C=US, O=SPIFFE; only the signatures tell root from intermediate. */
    @Test
    void goodChainIsVerifiedWhileItIsValid() throws Exception {
        List<X509Certificate> chain = Pem.certificates(svid("good-leaf-and-intermediate.pem"));
        List<X509Certificate> roots = roots("spiffebundle_valid_1.json");
        TrustBundle bundle = new TrustBundle(new TrustDomain("example.org"), roots);
        Instant end = chain.getFirst().getNotAfter().toInstant();
        assertThat(verifier(bundle, end).verify(chain)).hasToString("spiffe://example.org/workload-1");
        assertThatThrownBy(() -> verifier(bundle, end.plusSeconds(1)).verify(chain))
                .isInstanceOfSatisfying(
                        SvidRejectedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXPIRED));
        assertThatThrownBy(() -> verifier(bundle, end).verify(chain.subList(0, 1)))
                .as("without its intermediate")
                .hasMessageContaining("signature");
        TrustBundle other = new TrustBundle(new TrustDomain("other.org"), roots);
        assertThatThrownBy(() -> verifier(other, end).verify(chain))
                .as("a bundle of another trust domain")
                .hasMessageContaining("no bundle");
    }

    /** As roots of a bundle, and as issuers in a chain below one. */
    @ParameterizedTest
    @ValueSource(strings = {"wrong-intermediate-no-ca.pem", "wrong-intermediate-no-key-cert-sign.pem"})
    void wrongIntermediateSignsNothing(String name) throws Exception {
        List<X509Certificate> chain = Pem.certificates(svid(name));
        Instant now = chain.getFirst().getNotBefore().toInstant().plusSeconds(86_400);
        assertThat(X509Svid.leafId(chain.getFirst())).hasToString("spiffe://example.org/workload-1");
        assertThatThrownBy(() -> verifier(new TrustBundle(new TrustDomain("example.org"), chain.subList(1, 2)), now)
                        .verify(chain))
                .hasMessageMatching(".*(self-issued CA certificate|keyCertSign).*");
        Holder root = Forge.authority("SPIFFE").subject("C=US,O=SPIFFE").selfSigned();
        TrustBundle bundle = new TrustBundle(new TrustDomain("example.org"), List.of(root.certificate()));
        assertThatThrownBy(() -> verifier(bundle, now).verify(chain)).isInstanceOf(SvidRejectedException.class);
    }

    /** SPIFFE's own bundle format is not read here, but the roots inside are such as we would be given. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffebundle_valid_1.json",
                "spiffebundle_valid_2.json",
                "spiffebundle_multiple_x509.json",
                "spiffebundle_valid_with_wit.json"
            })
    void rootsOfBundlesAreRoots(String name) throws Exception {
        List<X509Certificate> roots = roots(name);
        assertThat(roots).isNotEmpty();
        TrustBundle bundle = new TrustBundle(new TrustDomain("local"), roots);
        assertThat(TrustBundle.ofPem(bundle.trustDomain(), bundle.toPem())).isEqualTo(bundle);
    }

    private static SvidVerifier verifier(TrustBundle bundle, Instant now) throws SvidRejectedException {
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        SvidPublisher publisher = new SvidPublisher(clock);
        publisher.publishBundles(List.of(bundle));
        return new SvidVerifier(publisher.source(), clock);
    }

    private static List<X509Certificate> roots(String spiffeBundle) throws Exception {
        Path file = CORPUS.resolve("bundle/spiffebundle/testdata").resolve(spiffeBundle);
        Matcher x5c = Pattern.compile("\"x5c\":\\s*\\[\\s*\"([^\"]+)\"").matcher(Files.readString(file));
        List<X509Certificate> roots = new ArrayList<>();
        while (x5c.find()) {
            roots.add(X509Svid.certificate(Base64.getDecoder().decode(x5c.group(1))));
        }
        return roots;
    }

    private static String svid(String name) throws Exception {
        return Files.readString(CORPUS.resolve("svid/x509svid/testdata").resolve(name), StandardCharsets.ISO_8859_1);
    }

    private static String bundle(String name) throws Exception {
        return Files.readString(
                CORPUS.resolve("bundle/x509bundle/testdata").resolve(name), StandardCharsets.ISO_8859_1);
    }
}
