package dev.sallyport.benchmarks.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the real programs, where this machine has them: that every configuration does the work that the report says it does, and refuses what it says it refuses. */
class SameWorkTest {
    private static final String LOAD = BenchMesh.identity(BenchMesh.CALLER);

    private static Workplace workplace;
    private static Application application;
    private static BenchMesh mesh;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() throws IOException {
        workplace = Workplace.open();
        application = new Application();
        mesh = BenchMesh.write(workplace.folder("mesh"));
    }

    @AfterAll
    static void close() {
        application.close();
        workplace.close();
    }

    private static Pair.Starter starter(String name, BenchMesh mesh) throws IOException {
        Optional<String> launcher = Optional.ofNullable(System.getProperty("sallyport.launcher"));
        if (name.startsWith("sallyport")) {
            assumeTrue(launcher.isPresent(), name + ": needs -Dsallyport.launcher=FILE of a checkout that is built");
        }
        Site site = new Site(workplace, mesh, application.address());
        return switch (new Catalogue(site, Path.of(launcher.orElse("sallyport"))).of(name)) {
            case Catalogue.Entry.Runs(Pair.Starter starter) -> starter;
            case Catalogue.Entry.Missing(String advice) -> {
                assumeTrue(false, name + ": " + advice);
                throw new IllegalStateException(advice);
            }
        };
    }

    private static Pair.Starter inbound(String name) throws IOException {
        return ((InboundAlone) starter(name, mesh)).inbound();
    }

    private static CallerKeys keys(Path folder, String service) throws IOException {
        return CallerKeys.read(folder, List.of(service));
    }

    private static Answer as(String service, InetSocketAddress inbound, String headers) throws Exception {
        return Answer.secret(inbound, Optional.of(keys(mesh.folder(), service)), headers);
    }

    private static void assertRight(Answer answer) {
        assertThat(answer).isEqualTo(new Answer(200, Application.BODY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nginx",
                "haproxy",
                "envoy",
                "envoy-full",
                "envoy-uncached",
                "envoy-200",
                "envoy-1000",
                "sallyport",
                "sallyport-minimal",
                "sallyport-overlapped",
                "sallyport-required",
                "sallyport-1000"
            })
    void requestReachesTheApplicationWithTheCallersIdentityAndARequestId(String name) throws Exception {
        try (Pair pair = starter(name, mesh).start()) {
            assertRight(Answer.plain(pair.address(), mesh.headers()));
            Headers seen = application.requests().getLast();
            assertThat(seen.get("x-forwarded-client-cert"))
                    .singleElement()
                    .asString()
                    .contains("By=" + BenchMesh.identity(BenchMesh.CALLEE), "Hash=", "URI=" + LOAD);
            assertThat(seen.get("x-request-id")).singleElement().asString().hasSizeGreaterThan(15);
            assertThat(seen.getFirst("host")).startsWith(BenchMesh.CALLEE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nginx", "haproxy", "envoy", "envoy-full"})
    void identityThatTheApplicationsCallerClaimsIsReplaced(String name) throws Exception {
        try (Pair pair = starter(name, mesh).start()) {
            String lie = "x-forwarded-client-cert: URI=spiffe://bench.example/sa/admin\r\n";
            assertRight(Answer.plain(pair.address(), mesh.headers() + lie));
            assertThat(application.requests().getLast().get("x-forwarded-client-cert"))
                    .singleElement()
                    .asString()
                    .doesNotContain("admin")
                    .contains("URI=" + LOAD);
        }
    }

    /** Though each of the caller's own is another one. */
    @ParameterizedTest
    @ValueSource(strings = {"nginx", "haproxy", "envoy", "envoy-full", "sallyport"})
    void connectionToTheApplicationIsKept(String name) throws Exception {
        try (Pair pair = starter(name, mesh).start()) {
            application.connections().clear();
            for (int i = 0; i < 5; i++) {
                assertRight(Answer.plain(pair.address(), mesh.headers()));
            }
            assertThat(application.connections()).hasSize(1);
        }
    }

    @Test
    void relayMovesTheRequestAsItIs() throws Exception {
        try (Pair pair = starter("relay", mesh).start()) {
            assertRight(Answer.plain(pair.address(), mesh.headers()));
            assertThat(application.requests().getLast()).doesNotContainKey("X-request-id");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"relay", "nginx", "haproxy", "envoy", "envoy-full", "sallyport"})
    void callersCertificateOfTheMeshIsRequired(String name) throws Exception {
        Certificates.write(folder, List.of(BenchMesh.CALLER)); // of a root of its own
        try (Pair pair = inbound(name).start()) {
            assertRight(as(BenchMesh.CALLER, pair.address(), mesh.headers()));
            int before = application.requests().size();
            assertThat(Answer.secret(pair.address(), Optional.empty(), mesh.headers())
                            .status())
                    .isNotEqualTo(200);
            assertThat(Answer.secret(pair.address(), Optional.of(keys(folder, BenchMesh.CALLER)), mesh.headers())
                            .status())
                    .isNotEqualTo(200);
            assertThat(Answer.plain(pair.address(), mesh.headers()).status()).isNotEqualTo(200);
            assertThat(application.requests()).hasSize(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"relay", "nginx", "haproxy", "envoy-full"})
    void calleeWithTheCertificateOfAnotherServiceIsNotCalled(String name) throws Exception {
        BenchMesh impostor = mesh.with(Rules.FULL);
        for (String file : List.of(".pem", ".key")) {
            Files.copy(
                    mesh.folder().resolve(BenchMesh.OTHER + file),
                    impostor.folder().resolve(BenchMesh.CALLEE + file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        try (Pair pair = starter(name, impostor).start()) {
            int before = application.requests().size();
            assertThat(Answer.plain(pair.address(), mesh.headers()).status()).isNotEqualTo(200);
            assertThat(application.requests()).hasSize(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"envoy-full", "envoy-uncached", "envoy-1000", "sallyport"})
    void tokenAndPolicyDecide(String name) throws Exception {
        try (Pair pair = inbound(name).start()) {
            assertRight(as(BenchMesh.CALLER, pair.address(), mesh.headers()));
            assertThat(application.requests().getLast()).doesNotContainKey("Authorization"); // the token ends here
            int before = application.requests().size();
            String withoutToken = "host: " + BenchMesh.host(BenchMesh.CALLEE) + "\r\n";
            assertThat(as(BenchMesh.CALLER, pair.address(), withoutToken).status())
                    .isEqualTo(401);
            String forged = BenchIssuer.create().token(BenchMesh.ISSUER, "alice", "customer");
            assertThat(as(BenchMesh.CALLER, pair.address(), BenchMesh.headers(forged))
                            .status())
                    .isEqualTo(401);
            String wrongIssuer = mesh.issuer().token("https://else.example", "alice", "customer");
            assertThat(as(BenchMesh.CALLER, pair.address(), BenchMesh.headers(wrongIssuer))
                            .status())
                    .isEqualTo(401);
            String wrongRole = mesh.issuer().token(BenchMesh.ISSUER, "alice", "guest");
            assertThat(as(BenchMesh.CALLER, pair.address(), BenchMesh.headers(wrongRole))
                            .status())
                    .isEqualTo(403);
            assertThat(as(BenchMesh.OTHER, pair.address(), mesh.headers()).status())
                    .isEqualTo(403); // other needs an operator
            assertThat(as(BenchMesh.CALLEE, pair.address(), mesh.headers()).status())
                    .isNotEqualTo(200); // no rule names it
            assertThat(application.requests()).hasSize(before);
            String operator = mesh.issuer().token(BenchMesh.ISSUER, "alice", "operator");
            assertRight(as(BenchMesh.OTHER, pair.address(), BenchMesh.headers(operator)));
        }
    }
}
