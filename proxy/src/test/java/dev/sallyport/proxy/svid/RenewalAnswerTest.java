package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.contract.Wire;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.testing.ManualControl;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An answer that no peer would accept never replaces a certificate that every peer accepts, neither in memory nor on disk; and the next good answer does. */
class RenewalAnswerTest {
    /** What a control plane answers to this CSR. */
    interface Answer extends BiFunction<RenewalAnswerTest, String, String> {}

    @TempDir
    private Path folder;

    private TestMesh mesh;
    private TestMesh stranger;
    private ManualControl control;
    private SvidPublisher publisher;
    private SvidStore store;
    private X509Svid first;
    private SvidClient client;
    private Answer answer = (test, csr) -> test.mesh.chainPem(csr, test.mesh.id("orders"));

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        stranger = new TestMesh(folder.resolve("stranger"));
        control = new ManualControl(Instant.now().plus(Duration.ofHours(1)));
        publisher = new SvidPublisher(control.clock());
        publisher.publishBundles(List.of(mesh.bundle()));
        first = mesh.svid(mesh.id("orders"));
        publisher.publish(first);
        store = new SvidStore(Files.createDirectory(folder.resolve("identity")));
        SvidStore.Stored stored = new SvidStore.Stored(first, control.now().plus(Duration.ofHours(12)));
        store.save(stored);
        client = new SvidClient(
                store,
                publisher,
                "i1",
                stored,
                this::post,
                new Reenrolment(
                        Optional.empty(),
                        "i1",
                        () -> CompletableFuture.failedFuture(new AssertionError("not asked for"))),
                control,
                control.clock(),
                new Random(7),
                () -> {});
    }

    @AfterEach
    void stop() {
        control.shutdownNow();
    }

    private CompletableFuture<Reply> post(String path, byte[] request) {
        try {
            String chain = answer.apply(this, Wire.renewal(request).csrPem());
            return CompletableFuture.completedFuture(new Reply(
                    200,
                    Optional.empty(),
                    Wire.encode(new Wire.Issued(chain, control.now().plus(Duration.ofHours(12)), control.now()))));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Arguments answer(String what, Answer answer) {
        return Arguments.of(what, answer);
    }

    private static String good(RenewalAnswerTest test, String csr) {
        return test.mesh.chainPem(csr, test.mesh.id("orders"));
    }

    /** The certificates of a PEM text. */
    private static List<String> certificates(String pem) {
        return Stream.of(pem.split("(?<=-----END CERTIFICATE-----\n)", -1))
                .filter(part -> !part.isBlank())
                .toList();
    }

    private static String foreignKey(RenewalAnswerTest test) {
        return good(test, CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair()));
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                answer("another identity", (test, csr) -> test.mesh.chainPem(csr, test.mesh.id("payment"))),
                answer("an identity below ours", (test, csr) -> test.mesh.chainPem(csr, test.mesh.id("orders/x"))),
                answer("another key", (test, _) -> foreignKey(test)),
                answer(
                        "expired",
                        (test, csr) ->
                                test.mesh.chainPem(csr, test.mesh.id("orders"), Duration.ZERO, Duration.ofMinutes(30))),
                answer(
                        "of the future",
                        (test, csr) -> test.mesh.chainPem(
                                csr, test.mesh.id("orders"), Duration.ofHours(3), Duration.ofHours(24))),
                answer("another root", (test, csr) -> test.stranger.chainPem(csr, test.mesh.id("orders"))),
                answer(
                        "another root's issuer",
                        (test, csr) -> certificates(good(test, csr)).getFirst()
                                + certificates(test.stranger.chainPem(csr, test.mesh.id("orders")))
                                        .getLast()),
                answer(
                        "in the wrong order",
                        (test, csr) -> certificates(good(test, csr)).reversed().stream()
                                .collect(Collectors.joining())),
                answer(
                        "without its issuer",
                        (test, csr) -> certificates(good(test, csr)).getFirst()),
                answer("twice", (test, csr) -> good(test, csr) + good(test, csr)),
                answer("nothing", (_, _) -> ""),
                answer("no certificate", (_, _) -> "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void answerThatNoPeerWouldAcceptChangesNothing(String what, Answer bad) throws Exception {
        answer = bad;
        client.rotate("test");
        control.runDue();
        assertThat(client.failures()).isEqualTo(1);
        assertThat(publisher.source().svid()).containsSame(first);
        assertThat(client.current().svid()).isSameAs(first);
        assertThat(store.load().orElseThrow().svid().serial()).isEqualTo(first.serial());

        answer = RenewalAnswerTest::good;
        client.rotate("again");
        control.runDue();
        assertThat(client.successes()).isEqualTo(1);
        X509Svid next = publisher.source().svid().orElseThrow();
        assertThat(next.serial()).isNotEqualTo(first.serial());
        assertThat(store.load().orElseThrow().svid().serial()).isEqualTo(next.serial());
    }
}
