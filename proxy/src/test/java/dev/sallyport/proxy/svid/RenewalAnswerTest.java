package dev.sallyport.proxy.svid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    private TestHolder holder;
    private Answer answer = (test, csr) -> test.mesh.chainPem(csr, test.mesh.id("orders"));

    @BeforeEach
    void start() throws Exception {
        mesh = new TestMesh(folder.resolve("authority"));
        stranger = new TestMesh(folder.resolve("stranger"));
        // An hour from now: certificates of the past can be made as well as of the future.
        Instant now = Instant.now().plus(Duration.ofHours(1));
        holder = new TestHolder(
                folder,
                mesh,
                mesh.svid(mesh.id("orders")),
                now,
                Duration.ofHours(12),
                7,
                (_, renewal) -> holder.issued(answer.apply(this, renewal.csrPem())));
    }

    @AfterEach
    void stop() {
        holder.close();
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
        holder.client.rotate("test");
        holder.control.runDue();
        assertThat(holder.client.failures()).isEqualTo(1);
        assertThat(holder.publisher.source().svid()).containsSame(holder.first);
        assertThat(holder.client.current().svid()).isSameAs(holder.first);
        assertThat(stored()).isEqualTo(holder.first.serial());

        answer = RenewalAnswerTest::good;
        holder.client.rotate("again");
        holder.control.runDue();
        assertThat(holder.client.successes()).isEqualTo(1);
        assertThat(holder.serial()).isNotEqualTo(holder.first.serial());
        assertThat(stored()).isEqualTo(holder.serial());
    }

    private String stored() throws Exception {
        return holder.store.load().orElseThrow().svid().serial();
    }
}
