package dev.sallyport.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidRejectedException.Reason;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.TestMesh;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerTest {
    private TestMesh mesh;
    private SvidPublisher publisher;
    private SvidVerifier verifier;

    @BeforeEach
    void trust(@TempDir Path folder) {
        mesh = new TestMesh(folder);
        publisher = mesh.publisher(mesh.id("orders"));
        verifier = new SvidVerifier(publisher.source(), Clock.systemUTC());
    }

    /** After a handshake of the two. */
    private static SSLSession session(X509Svid own, X509Svid peer) {
        return (SSLSession) Proxy.newProxyInstance(
                PeerTest.class.getClassLoader(),
                new Class<?>[] {SSLSession.class},
                (_, method, _) -> switch (method.getName()) {
                    case "getLocalCertificates" -> own.chain().toArray(Certificate[]::new);
                    case "getPeerCertificates" -> peer.chain().toArray(Certificate[]::new);
                    default -> "TLSv1.3";
                });
    }

    private X509Svid own() {
        return publisher.source().svid().orElseThrow();
    }

    @Test
    void peerIsWhomItsChainProvesUntilTheEarlierEndOfBoth() throws Exception {
        X509Svid payment = mesh.svid(mesh.id("payment"), Duration.ofHours(1));
        Peer peer = Peer.of(session(own(), payment), "", verifier);
        assertThat(peer.id()).isEqualTo(mesh.id("payment"));
        assertThat(peer.serial()).isEqualTo(payment.serial());
        assertThat(peer.ownSerial()).isEqualTo(own().serial());
        assertThat(peer.chain()).isEqualTo(payment.chain());
        assertThat(peer.validUntil()).isEqualTo(payment.notAfter());
    }

    @Test
    void peerThatWasRevokedSinceItsHandshakeIsNobody() throws Exception {
        X509Svid payment = mesh.svid(mesh.id("payment"));
        SSLSession session = session(own(), payment);
        Peer.of(session, "", verifier);
        publisher.publishTrust(List.of(mesh.bundle()), new Revocations(Set.of(payment.serial()), Set.of()));
        assertThatThrownBy(() -> Peer.of(session, "", verifier))
                .isInstanceOfSatisfying(
                        SvidRejectedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REVOKED));
    }

    @Test
    void peerWhoseRootIsGoneSinceItsHandshakeIsNobody(@TempDir Path other) throws Exception {
        TestMesh next = new TestMesh(other);
        SSLSession session = session(own(), mesh.svid(mesh.id("payment")));
        Peer.of(session, "", verifier);
        publisher.publish(next.svid(next.id("orders")), List.of(next.bundle()));
        assertThatThrownBy(() -> Peer.of(session, "", verifier))
                .isInstanceOfSatisfying(
                        SvidRejectedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED));
    }
}
