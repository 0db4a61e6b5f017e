package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sallyport.identity.Forge.Holder;
import dev.sallyport.identity.SvidRejectedException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * NIST's suite for RFC 5280 path validation, in two layers. Its end entities are no SVIDs: their paths go to {@link CertificatePath} as they are. And its authorities, with the
 * keys that NIST publishes, sign SVIDs here that go through {@link SvidVerifier} as a peer's would.
 */
class PkitsTest {
    private static final Clock CLOCK = Clock.fixed(Forge.NOW, ZoneOffset.UTC);
    private static final String ROOT = "TrustAnchorRootCertificate";
    private static final char[] PASSWORD = "password".toCharArray();

    /** URI constraints (4.13.34 to 37) judge the end entity's own URI: {@link #uriConstraintsHoldForTrustDomains}. */
    private static final Set<String> URI_TESTS = Set.of("4.13.34", "4.13.35", "4.13.36", "4.13.37");

    private static Path folder;

    @BeforeAll
    static void suiteIsThere() throws IOException {
        Optional<Path> found = PkitsFolder.find();
        if (found.isEmpty()) {
            System.err.println(PkitsFolder.SKIPPED);
        }
        assumeTrue(found.isPresent(), PkitsFolder.SKIPPED);
        folder = found.orElseThrow();
    }

    /** A row of the table; {@code names} from below the root to the end entity. */
    record Row(String number, String verdict, List<String> names) {
        boolean accepted() {
            return verdict.equals("valid") || verdict.equals("crl");
        }

        List<String> authorities() {
            return names.subList(0, names.size() - 1);
        }

        boolean section(int... sections) {
            return java.util.Arrays.stream(sections).anyMatch(section -> number.startsWith("4." + section + "."));
        }

        @Override
        public String toString() {
            return number + " " + verdict + " " + names.getLast();
        }
    }

    static List<Row> rows() throws IOException {
        try (InputStream table = PkitsTest.class.getResourceAsStream("pkits.txt")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> List.of(line.split(" ")))
                    .map(row -> new Row(row.get(0), row.get(1), row.subList(2, row.size())))
                    .toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void pathIsJudgedAsInTheTable(Row row) throws Exception {
        List<X509Certificate> path = chain(row.names());
        SpiffeId id = SpiffeId.parse("spiffe://pkits.example/a"); // for messages only
        TrustBundle bundle = bundle("pkits.example");
        if (row.accepted()) {
            assertThat(CertificatePath.prove(id, path, bundle, Forge.NOW).holds(bundle, Forge.NOW))
                    .isTrue();
        } else {
            assertThatThrownBy(() -> CertificatePath.prove(id, path, bundle, Forge.NOW))
                    .isInstanceOf(SvidRejectedException.class);
        }
    }

    /** Each chain of authorities once. Policies are left out: no SVID names any, so that all of those chains refuse it. */
    static Stream<Row> authorities() throws IOException {
        List<List<String>> seen = new ArrayList<>();
        return rows().stream()
                .filter(row -> row.section(1, 2, 3, 4, 5, 6, 7, 13, 16) && !URI_TESTS.contains(row.number()))
                .filter(row -> !seen.contains(row.authorities()) && seen.add(row.authorities()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("authorities")
    void svidIsAsGoodAsTheAuthoritiesAboveIt(Row row) throws Exception {
        String id = "spiffe://pkits.example/orders";
        List<X509Certificate> chain = svid(id, row.authorities());
        SvidVerifier verifier = verifier("pkits.example");
        if (row.accepted() || row.verdict().equals("leaf")) {
            assertThat(verifier.verify(chain)).hasToString(id);
        } else {
            assertThatThrownBy(() -> verifier.verify(chain)).isInstanceOf(SvidRejectedException.class);
        }
    }

    static Stream<Row> uriConstraints() throws IOException {
        return rows().stream().filter(row -> URI_TESTS.contains(row.number()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("uriConstraints")
    void uriConstraintsHoldForTrustDomains(Row row) throws Exception {
        X509Certificate end = certificate(row.names().getLast());
        List<?> name = List.copyOf(end.getSubjectAlternativeNames()).getFirst();
        String host = URI.create(String.valueOf(name.get(1))).getHost();
        List<X509Certificate> chain = svid("spiffe://" + host + "/orders", row.authorities());
        SvidVerifier verifier = verifier(host);
        if (row.accepted()) {
            assertThat(verifier.verify(chain).trustDomain()).hasToString(host);
        } else {
            assertThatThrownBy(() -> verifier.verify(chain)).hasMessageContaining("name constraints");
        }
    }

    @Test
    void noCertificateOfTheSuiteIsAnIdentity() throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder.resolve("certs"))) {
            files = all.sorted().toList();
        }
        assertThat(files).hasSize(405);
        for (Path file : files) {
            assertThatThrownBy(() -> X509Svid.leafId(Pem.certificate(Files.readAllBytes(file))))
                    .as(file.toString())
                    .isInstanceOfSatisfying(
                            SvidRejectedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.IDENTITY));
        }
    }

    /** Leaf first, without the root. */
    private static List<X509Certificate> chain(List<String> names) throws Exception {
        List<X509Certificate> chain = new ArrayList<>();
        for (String name : names.reversed()) {
            chain.add(certificate(name));
        }
        return chain;
    }

    private static List<X509Certificate> svid(String id, List<String> authorities) throws Exception {
        String issuer = authorities.isEmpty() ? ROOT : authorities.getLast();
        X509Certificate certificate = certificate(issuer);
        PrivateKey key = privateKey(issuer);
        Holder leaf = Forge.leaf(id)
                .subject("")
                .algorithm("SHA256with" + key.getAlgorithm())
                .signedBy(new Holder(certificate, new KeyPair(certificate.getPublicKey(), key)));
        List<X509Certificate> chain = new ArrayList<>(List.of(leaf.certificate()));
        chain.addAll(chain(authorities));
        return chain;
    }

    private static SvidVerifier verifier(String trustDomain) throws Exception {
        SvidPublisher publisher = new SvidPublisher(CLOCK);
        publisher.publishBundles(List.of(bundle(trustDomain)));
        return new SvidVerifier(publisher.source(), CLOCK);
    }

    private static TrustBundle bundle(String trustDomain) throws Exception {
        return new TrustBundle(new TrustDomain(trustDomain), List.of(certificate(ROOT)));
    }

    private static X509Certificate certificate(String name) throws Exception {
        return Pem.certificate(Files.readAllBytes(folder.resolve("certs").resolve(name + ".crt")));
    }

    private static PrivateKey privateKey(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(folder.resolve("pkcs12").resolve(name + ".p12"))) {
            store.load(file, PASSWORD);
        }
        return (PrivateKey) store.getKey(store.aliases().nextElement(), PASSWORD);
    }
}
