package dev.sallyport.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.MeshTls;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate of the authority that is to sign next, against the contexts that serve now. */
class TestHandshakeTest {
    private final List<MeshTls> opened = new ArrayList<>();
    private TestMesh mesh;
    private TestMesh next;
    private SvidPublisher publisher;

    @BeforeEach
    void trustBoth(@TempDir Path folder) throws Exception {
        mesh = new TestMesh(folder.resolve("now"));
        next = new TestMesh(folder.resolve("next"));
        publisher = mesh.publisher(mesh.id("orders"));
        publisher.publishBundles(List.of(both()));
    }

    @AfterEach
    void close() {
        opened.forEach(MeshTls::close);
    }

    private TrustBundle both() {
        return new TrustBundle(
                mesh.bundle().trustDomain(),
                List.of(
                        mesh.bundle().authorities().getFirst(),
                        next.bundle().authorities().getFirst()));
    }

    private TestHandshake handshake(SvidSource source, Clock clock) throws Exception {
        MeshTls ours = new MeshTls(source, clock);
        opened.add(ours);
        return new TestHandshake(ours, source, canary -> new MeshTls(canary, clock));
    }

    private Optional<String> problem(X509Svid canary) throws Exception {
        return handshake(publisher.source(), Clock.systemUTC()).problem(canary);
    }

    private X509Svid canary() {
        return next.svid(next.id("orders"), Duration.ofMinutes(10));
    }

    @Test
    void canaryOfARootThatIsTrustedPassesInBothRoles() throws Exception {
        assertThat(problem(canary())).isEmpty();
        assertThat(problem(mesh.svid(mesh.id("orders")))).as("and one of today").isEmpty();
    }

    @Test
    void canaryOfARootThatIsNotInTheBundlesIsRefused() throws Exception {
        publisher.publishBundles(List.of(mesh.bundle()));
        assertThat(problem(canary()))
                .hasValueSatisfying(why -> assertThat(why)
                        .startsWith("as a client: certificate_untrusted: ")
                        .contains("ends at an unknown issuer"));
    }

    @Test
    void expiredCanaryIsRefused() throws Exception {
        X509Svid canary = canary();
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(30));
        assertThat(handshake(publisher.source(), later).problem(canary))
                .hasValueSatisfying(why -> assertThat(why).startsWith("as a client: certificate_expired: "));
    }

    @Test
    void canaryOfAnotherIdentityIsRefused() throws Exception {
        X509Svid payment = next.svid(next.id("payment"));
        assertThat(problem(payment))
                .contains("canary is of " + next.id("payment") + " (expected: " + next.id("orders") + ")");
    }

    @Test
    void revokedCanaryIsRefused() throws Exception {
        X509Svid canary = canary();
        publisher.publishTrust(List.of(both()), new Revocations(Set.of(canary.serial()), Set.of()));
        assertThat(problem(canary))
                .hasValueSatisfying(why -> assertThat(why).startsWith("as a client: certificate_revoked: "));
        assertThat(problem(canary())).isEmpty();
    }

    @Test
    void canaryByWhomWeWouldBeRefusedIsRefused() throws Exception {
        X509Svid ours = mesh.svid(mesh.id("orders"));
        assertThat(handshake(new Trusting(ours, next.bundle()), Clock.systemUTC())
                        .problem(canary()))
                .hasValueSatisfying(why -> assertThat(why).startsWith("as a client: certificate_untrusted: "));
    }

    /** A sidecar that trusts others than itself. */
    private record Trusting(X509Svid own, TrustBundle bundle) implements SvidSource {
        @Override
        public Optional<X509Svid> svid() {
            return Optional.of(own);
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return Optional.of(bundle);
        }

        @Override
        public long generation() {
            return 1;
        }
    }

    @Test
    void sidecarWithoutACertificateHasNothingToTry() throws Exception {
        SvidPublisher nobody = new SvidPublisher();
        nobody.publishBundles(List.of(both()));
        assertThat(handshake(nobody.source(), Clock.systemUTC()).problem(canary()))
                .hasValueSatisfying(why -> assertThat(why).contains("an identity of our own"));
    }

    @Test
    void contextsThatCannotShakeHandsAreAProblemAndNoHang() throws Exception {
        MeshTls ours = new MeshTls(publisher.source(), Clock.systemUTC());
        opened.add(ours);
        TestHandshake twoClients = new TestHandshake(ours, publisher.source(), canary -> {
            MeshTls good = new MeshTls(canary, Clock.systemUTC());
            return new Contexts() {
                @Override
                public io.netty.handler.ssl.SslContext inbound() {
                    return good.outbound();
                }

                @Override
                public io.netty.handler.ssl.SslContext outbound() {
                    return good.outbound();
                }

                @Override
                public dev.sallyport.identity.SvidVerifier svids() {
                    return good.svids();
                }

                @Override
                public void close() {
                    good.close();
                }
            };
        });
        long begin = System.nanoTime();
        assertThat(twoClients.problem(canary()))
                .hasValueSatisfying(why -> assertThat(why).startsWith("as a server: "));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(TestHandshake.LIMIT);
    }
}
