package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.X509Svid;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECParameterSpec;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A handshake does not make the native form of a key anew, however often the sidecar has renewed. */
@Timeout(120)
class RenewedKeysTest {
    private static final int RENEWALS = 70;

    private final AtomicInteger encoded = new AtomicInteger();

    /** Counts how often somebody asks for its bytes. */
    private final class Counted implements ECPrivateKey {
        private static final long serialVersionUID = 1;

        private final transient ECPrivateKey real;

        Counted(ECPrivateKey real) {
            this.real = real;
        }

        @Override
        public BigInteger getS() {
            return real.getS();
        }

        @Override
        public ECParameterSpec getParams() {
            return real.getParams();
        }

        @Override
        public String getAlgorithm() {
            return real.getAlgorithm();
        }

        @Override
        public String getFormat() {
            return real.getFormat();
        }

        @Override
        public byte[] getEncoded() {
            encoded.incrementAndGet();
            return real.getEncoded();
        }
    }

    @Test
    void keyOfEachCertificateIsReadOnceHoweverManyCameBefore(@TempDir Path folder) throws Exception {
        TestMesh mesh = TestMesh.open(folder);
        mesh.documents = Door.MESH + Hop.POLICY;
        try (RawApplication application = RawApplication.plain();
                TestSidecar orders = TestSidecar.start(mesh, "orders", application.address())) {
            mesh.endpoint("orders", orders.inbound());
            orders.learn();
            X509Svid web = mesh.svid(TestMesh.pathOf("web"));
            for (int i = 0; i < RENEWALS; i++) {
                X509Svid next = mesh.svid(TestMesh.pathOf("orders"));
                orders.publisher.publish(X509Svid.of(next.chain(), new Counted((ECPrivateKey) next.privateKey())));
                encoded.set(0);
                serve(mesh, orders, web);
                assertThat(encoded).as("a new one").hasValue(1);
                serve(mesh, orders, web);
                assertThat(encoded).as("the same, renewal " + i).hasValue(1);
            }
        }
    }

    private static void serve(TestMesh mesh, TestSidecar orders, X509Svid web) throws Exception {
        try (RawClient client = RawClient.tls(
                orders.inbound(), Optional.of(web), mesh.authority.trustBundle(), "8080.orders.shop.example")) {
            client.send("GET /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n");
            assertThat(client.until("\r\n\r\nok")).startsWith("HTTP/1.1 200 ");
        }
    }
}
