package dev.sallyport.proxy.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.telemetry.ConnectionMetrics;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.testing.TestMesh;
import dev.sallyport.proxy.tls.Peer;
import io.netty.channel.DefaultEventLoop;
import io.netty.util.concurrent.Promise;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who stays connected when trust changes: judged on one event loop, with many connections of few peers. */
class ReviewTest {
    private static final int PEERS = 50;
    private static final int CONNECTIONS = 10_000;

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final ConnectionMetrics metrics = new ConnectionMetrics();
    private Governor governor = new Governor(loop, Duration.ofHours(1), Clock.systemUTC(), new Random(7), metrics);
    private final AtomicInteger judged = new AtomicInteger();
    private SvidPublisher publisher = new SvidPublisher();
    private TestMesh mesh;
    private SvidVerifier verifier;

    @BeforeEach
    void trust(@TempDir Path folder) {
        mesh = new TestMesh(folder);
        publisher = mesh.publisher(mesh.id("orders"));
        SvidSource source = publisher.source();
        verifier = new SvidVerifier(
                new SvidSource() {
                    @Override
                    public Optional<X509Svid> svid() {
                        return source.svid();
                    }

                    @Override
                    public Optional<TrustBundle> bundle(TrustDomain domain) {
                        return source.bundle(domain);
                    }

                    @Override
                    public Revocations revocations() {
                        judged.incrementAndGet(); // once a verification
                        return source.revocations();
                    }

                    @Override
                    public long generation() {
                        return source.generation();
                    }
                },
                Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        loop.shutdownGracefully();
    }

    /** One connection; it notes why it ended. */
    private final class Standing implements Governed {
        final Promise<Void> closed = loop.newPromise();
        final List<End> ends = new CopyOnWriteArrayList<>();
        final AtomicInteger retired = new AtomicInteger();

        @Override
        public void retire() {
            retired.incrementAndGet();
        }

        @Override
        public void expire(End why) {
            ends.add(why);
            closed.setSuccess(null);
        }
    }

    private Standing open(X509Svid svid) throws Exception {
        Peer peer = new Peer(
                svid.id(),
                svid.id().toString(),
                svid.serial(),
                X509Svid.fingerprintOf(svid.chain().getFirst()),
                "CN=any",
                "any",
                svid.chain(),
                "00",
                svid.notAfter(),
                new Peer.Tls("TLSv1.3", "any", ""));
        Standing connection = new Standing();
        loop.submit(() -> governor.govern(connection, connection.closed, Optional.of(peer)))
                .sync();
        return connection;
    }

    private void revoke(Revocations revocations) throws Exception {
        publisher.publishTrust(List.of(mesh.bundle()), revocations);
        judge();
    }

    private void judge() throws Exception {
        loop.submit(() -> governor.review(new Review(verifier))).sync();
    }

    private static Revocations serial(X509Svid svid) {
        return new Revocations(Set.of(svid.serial()), Set.of());
    }

    @Test
    void revokedSerialEndsItsConnectionsAndNoOthers() throws Exception {
        X509Svid loser = mesh.svid(mesh.id("payment"));
        X509Svid other = mesh.svid(mesh.id("payment"));
        List<Standing> losers = List.of(open(loser), open(loser));
        Standing stays = open(other);
        revoke(serial(loser));
        assertThat(losers).allSatisfy(connection -> assertThat(connection.ends).containsExactly(End.REVOKED));
        assertThat(stays.ends).isEmpty();
        assertThat(metrics.count(End.REVOKED)).isEqualTo(2);
    }

    @Test
    void revokedIdentityEndsEveryLeafOfIt() throws Exception {
        Standing one = open(mesh.svid(mesh.id("payment")));
        Standing two = open(mesh.svid(mesh.id("payment")));
        Standing stays = open(mesh.svid(mesh.id("payments")));
        revoke(new Revocations(Set.of(), Set.of(mesh.id("payment"))));
        assertThat(List.of(one, two))
                .allSatisfy(connection -> assertThat(connection.ends).containsExactly(End.REVOKED));
        assertThat(stays.ends).isEmpty();
    }

    @Test
    void retiredRootRetiresWhoeverHasNoOtherAndCutsNobodyBeforeTheDrain(@TempDir Path folder) throws Exception {
        TestMesh next = new TestMesh(folder);
        publisher.publishBundles(List.of(both(next)));
        publisher.publish(next.svid(next.id("orders")));
        Standing old = open(mesh.svid(mesh.id("payment")));
        Standing young = open(next.svid(next.id("payment")));
        judge();
        assertThat(old.retired).as("while both roots are trusted").hasValue(0);
        publisher.publishBundles(List.of(next.bundle()));
        judge();
        judge();
        assertThat(old.retired).hasValue(1);
        assertThat(old.ends).as("what is under way may end").isEmpty();
        assertThat(young.retired).hasValue(0);
        assertThat(metrics.count(End.UNTRUSTED)).isZero();
        // Patience is for a root that was retired, not for one who is taken back meanwhile.
        publisher.publishTrust(List.of(next.bundle()), new Revocations(Set.of(), Set.of(mesh.id("payment"))));
        judge();
        assertThat(old.ends).containsExactly(End.REVOKED);
    }

    @Test
    void whoIsNotDoneWhenTheDrainIsOverIsCutAndWhoClosedIsNot(@TempDir Path folder) throws Exception {
        Duration drain = Duration.ofMillis(50);
        governor = new Governor(loop, Duration.ofHours(1), drain, Clock.systemUTC(), new Random(7), metrics);
        TestMesh next = new TestMesh(folder);
        publisher.publish(next.svid(next.id("orders")), List.of(both(next)));
        Standing done = open(mesh.svid(mesh.id("payment")));
        Standing hangs = open(mesh.svid(mesh.id("payment")));
        publisher.publishBundles(List.of(next.bundle()));
        judge();
        loop.submit(() -> done.closed.setSuccess(null)).sync();
        await().atMost(Duration.ofSeconds(5)).until(() -> !hangs.ends.isEmpty());
        assertThat(hangs.ends).containsExactly(End.UNTRUSTED);
        assertThat(done.ends).isEmpty();
        assertThat(metrics.count(End.UNTRUSTED)).isEqualTo(1);
    }

    private TrustBundle both(TestMesh next) {
        return new TrustBundle(
                mesh.bundle().trustDomain(),
                List.of(
                        mesh.bundle().authorities().getFirst(),
                        next.bundle().authorities().getFirst()));
    }

    @Test
    void whoHasClosedIsNotJudged() throws Exception {
        X509Svid loser = mesh.svid(mesh.id("payment"));
        Standing gone = open(loser);
        gone.closed.setSuccess(null);
        loop.submit(() -> {}).sync();
        revoke(serial(loser));
        assertThat(gone.ends).isEmpty();
        assertThat(judged).hasValue(0);
    }

    @Test
    void leafIsJudgedOnceHoweverManyConnectionsItHas() throws Exception {
        List<X509Svid> svids = IntStream.range(0, PEERS)
                .mapToObj(i -> mesh.svid(mesh.id("caller-" + i)))
                .toList();
        List<Standing> standing = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            standing.add(open(svids.get(i % PEERS)));
        }
        judge();
        assertThat(judged).hasValue(PEERS);
        revoke(serial(svids.get(7)));
        assertThat(judged).hasValue(2 * PEERS);
        long ended = standing.stream()
                .filter(connection -> !connection.ends.isEmpty())
                .count();
        assertThat(ended).isEqualTo(CONNECTIONS / PEERS);
    }
}
