package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.Forge.Holder;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The two managers inside real TLS 1.3 handshakes, client certificate required. */
class TlsHandshakeTest {
    private static final Clock CLOCK = Clock.fixed(Forge.NOW, ZoneOffset.UTC);
    private static final String ORDERS = "spiffe://shop.example/orders";
    private static final String PAYMENT = "spiffe://shop.example/payment";

    private final Holder root = Forge.root("root");
    private final SvidPublisher orders = new SvidPublisher(CLOCK);
    private final SvidPublisher payment = new SvidPublisher(CLOCK);

    @BeforeEach
    void enrolBoth() throws Exception {
        enrol(orders, ORDERS, root);
        enrol(payment, PAYMENT, root);
    }

    @Test
    void bothSidesSeeEachOther() throws Exception {
        Handshake handshake = handshake(orders.source(), payment.source());
        assertThat(handshake.peerOfServer()).isEqualTo(ORDERS);
        assertThat(handshake.peerOfClient()).isEqualTo(PAYMENT);
    }

    @Test
    void nextHandshakeShowsTheNewestSvid() throws Exception {
        var keyManager = new SvidKeyManager(orders.source());
        String before = keyManager.chooseEngineClientAlias(new String[] {"RSA", "EC"}, null, null);
        String serial = handshake(orders.source(), payment.source()).serialAtServer();
        assertThat(before).isEqualTo(serial);
        publish(orders, ORDERS, root);
        String rotated = handshake(orders.source(), payment.source()).serialAtServer();
        assertThat(rotated).isNotEqualTo(serial);
        assertThat(keyManager.chooseEngineServerAlias("EC", null, null)).isEqualTo(rotated);
        assertThat(keyManager.getPrivateKey(serial))
                .as("the previous one, for a handshake under way")
                .isNotNull();
        publish(orders, ORDERS, root);
        assertThat(keyManager.getCertificateChain(rotated)).isNotNull();
        assertThat(keyManager.getCertificateChain(serial))
                .as("two rotations later")
                .isNull();
    }

    @Test
    void onlyEcIsAnswered() {
        var keyManager = new SvidKeyManager(orders.source());
        assertThat(keyManager.chooseEngineServerAlias("RSA", null, null)).isNull();
        assertThat(keyManager.getClientAliases("RSA", null)).isNull();
        assertThat(keyManager.getServerAliases("EC", null)).hasSize(1);
        assertThat(keyManager.getPrivateKey("00")).isNull();
    }

    @Test
    void beforeEnrolmentThereIsNothingToShow() {
        var keyManager = new SvidKeyManager(new SvidPublisher(CLOCK).source());
        assertThat(keyManager.chooseEngineServerAlias("EC", null, null)).isNull();
        assertThat(keyManager.getCertificateChain("00")).isNull();
    }

    @Test
    void clientOfAnotherAuthorityIsRefused() throws Exception {
        var stranger = new SvidPublisher(CLOCK);
        enrol(stranger, ORDERS, Forge.root("stranger"));
        assertThatThrownBy(() -> handshake(stranger.source(), payment.source()))
                .isInstanceOf(SSLException.class)
                .hasRootCauseInstanceOf(SvidRejectedException.class);
    }

    @Test
    void serverOfAnotherAuthorityIsRefused() throws Exception {
        var stranger = new SvidPublisher(CLOCK);
        enrol(stranger, PAYMENT, Forge.root("stranger"));
        assertThatThrownBy(() -> handshake(orders.source(), stranger.source()))
                .hasRootCauseInstanceOf(SvidRejectedException.class);
    }

    @Test
    void clientWithoutCertificateIsRefused() {
        var nobody = new SvidPublisher(CLOCK);
        assertThatThrownBy(() -> {
                    nobody.publishBundles(bundles(root));
                    handshake(nobody.source(), payment.source());
                })
                .isInstanceOf(SSLException.class);
    }

    private record Handshake(SSLEngine client, SSLEngine server) {
        String peerOfServer() throws Exception {
            return X509Svid.leafId(leaf(server)).toString();
        }

        String peerOfClient() throws Exception {
            return X509Svid.leafId(leaf(client)).toString();
        }

        String serialAtServer() throws Exception {
            return X509Svid.serialOf(leaf(server));
        }

        private static X509Certificate leaf(SSLEngine engine) throws Exception {
            return (X509Certificate) engine.getSession().getPeerCertificates()[0];
        }
    }

    private static Handshake handshake(SvidSource client, SvidSource server) throws Exception {
        SSLEngine clientEngine = context(client).createSSLEngine("shop.example", 1);
        clientEngine.setUseClientMode(true);
        SSLEngine serverEngine = context(server).createSSLEngine();
        serverEngine.setUseClientMode(false);
        serverEngine.setNeedClientAuth(true);
        ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 17);
        for (int turn = 0; turn < 100; turn++) {
            step(clientEngine, toClient, toServer);
            step(serverEngine, toServer, toClient);
            if (done(clientEngine) && done(serverEngine)) {
                return new Handshake(clientEngine, serverEngine);
            }
        }
        throw new AssertionError("handshake did not end within 100 turns");
    }

    private static boolean done(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && engine.getSession().getProtocol().equals("TLSv1.3");
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        ByteBuffer none = ByteBuffer.allocate(0);
        ByteBuffer plain = ByteBuffer.allocate(1 << 15);
        in.flip();
        if (in.hasRemaining()) {
            engine.unwrap(in, plain);
        } else if (engine.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP) {
            engine.wrap(none, out);
        }
        in.compact();
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            engine.wrap(none, out);
        }
    }

    private static SSLContext context(SvidSource source) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(
                new KeyManager[] {new SvidKeyManager(source)},
                new TrustManager[] {new SvidTrustManager(new SvidVerifier(source, CLOCK))},
                null);
        return context;
    }

    private static void enrol(SvidPublisher publisher, String id, Holder root) throws Exception {
        publisher.publishBundles(bundles(root));
        publish(publisher, id, root);
    }

    private static void publish(SvidPublisher publisher, String id, Holder root) throws Exception {
        Holder leaf = Forge.leaf(id).signedBy(root);
        publisher.publish(X509Svid.of(List.of(leaf.certificate()), leaf.key()));
    }

    private static List<TrustBundle> bundles(Holder root) {
        return List.of(new TrustBundle(new TrustDomain("shop.example"), List.of(root.certificate())));
    }
}
