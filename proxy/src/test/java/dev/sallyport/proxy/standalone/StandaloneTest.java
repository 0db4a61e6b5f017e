package dev.sallyport.proxy.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.contract.JwkFile;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.net.ControlThread;
import dev.sallyport.proxy.snapshot.SnapshotStore;
import dev.sallyport.proxy.snapshot.Snapshots;
import dev.sallyport.proxy.svid.JoinException;
import dev.sallyport.proxy.testing.TestMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StandaloneTest {
    @TempDir
    private Path folder;

    private final ECKey key = JwkFile.generate();
    private final ControlThread control = new ControlThread(); // nothing runs on it: each test looks by itself
    private TestMesh mesh;
    private StandaloneFiles files;
    private Duration ahead = Duration.ZERO;
    private final Clock clock = ((InstantSource) () -> Instant.now().plus(ahead)).withZone(ZoneOffset.UTC);
    private SvidPublisher publisher = new SvidPublisher();
    private Snapshots live = new Snapshots(clock);

    @BeforeEach
    void write() throws IOException {
        mesh = new TestMesh(folder.resolve("authority"));
        files = new StandaloneFiles(
                folder.resolve("snapshot.jws"),
                folder.resolve("key.jwk"),
                folder.resolve("svid.pem"),
                folder.resolve("svid.key"),
                Optional.of(folder.resolve("bundle.pem")));
        Files.createDirectories(folder.resolve("state/snapshots"));
        Files.write(files.trustKey(), JwkFile.toBytes(key.toPublicJWK()));
        Files.writeString(folder.resolve("bundle.pem"), mesh.bundle().toPem());
        write(mesh.svid(mesh.id("orders")));
        write(mesh.snapshot(5));
    }

    private void write(X509Svid svid) throws IOException {
        Files.writeString(files.certificate(), Pem.encode(svid.chain()));
        writeKey(svid);
    }

    private void writeKey(X509Svid svid) throws IOException {
        Files.deleteIfExists(files.privateKey());
        Files.createFile(
                files.privateKey(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(files.privateKey(), Pem.encode(svid.privateKey()));
    }

    private void write(MeshSnapshot snapshot) throws IOException {
        Files.write(files.snapshot(), signed(snapshot));
    }

    private byte[] signed(MeshSnapshot snapshot) {
        return SignedSnapshot.sign(snapshot, key).toBytes();
    }

    /** A process that starts: its memory is the state folder. */
    private Standalone join() throws Exception {
        return join("orders");
    }

    private Standalone join(String service) throws Exception {
        publisher = new SvidPublisher();
        live = new Snapshots(clock);
        return Standalone.join(
                service, files, new SnapshotStore(folder.resolve("state")), live, publisher, control, clock);
    }

    private long revision() {
        return live.latest().map(held -> held.snapshot().revision()).orElse(-1L);
    }

    private void doesNotStart(String... says) {
        assertThatThrownBy(this::join)
                .isInstanceOfSatisfying(
                        JoinException.class, e -> assertThat(e.kind()).isEqualTo(JoinException.Kind.INVALID))
                .message()
                .contains(says)
                .doesNotContain("PRIVATE", key.getD().toString());
    }

    @Test
    void filesThatFitAreInForce() throws Exception {
        Standalone member = join();
        assertThat(revision()).isEqualTo(5);
        assertThat(live.current()).isPresent();
        assertThat(publisher.source().svid())
                .hasValueSatisfying(svid -> assertThat(svid.id()).isEqualTo(mesh.id("orders")));
        assertThat(member.bundles()).containsExactly(mesh.bundle());
        assertThat(member.connected()).isEmpty();
    }

    @Test
    void nothingNewIsNoChange() throws Exception {
        Standalone member = join();
        long generation = publisher.source().generation();
        Files.setLastModifiedTime(
                files.certificate(), FileTime.from(Instant.now().plusSeconds(9)));
        member.look();
        assertThat(publisher.source().generation()).isEqualTo(generation);
        assertThat(member.renewals()).isZero();
    }

    @Test
    void newSnapshotIsTaken() throws Exception {
        Standalone member = join();
        write(mesh.snapshot(6));
        member.look();
        assertThat(revision()).isEqualTo(6);
        assertThat(member.snapshotsRefused()).isZero();
    }

    /** What is wrong with a snapshot, and the words for it. */
    enum Bad {
        ALTERED("signature does not match"),
        HALF("not JSON"),
        ABSENT("no such file"),
        STRANGERS_KEY("signed by a key that is not listed"),
        EXPIRED("validUntil"),
        OLDER("is not newer"),
        OF_ANOTHER("snapshot.recipient");

        private final String says;

        Bad(String says) {
            this.says = says;
        }
    }

    private void write(Bad bad) throws IOException {
        SpiffeId self = mesh.id("orders");
        Instant end = Instant.now().plusSeconds(60);
        List<TrustBundle> bundles = List.of(mesh.bundle());
        switch (bad) {
            case ALTERED -> {
                byte[] bytes = signed(mesh.snapshot(6));
                bytes[bytes.length / 2] ^= 1;
                Files.write(files.snapshot(), bytes);
            }
            case HALF -> {
                byte[] bytes = signed(mesh.snapshot(6));
                Files.write(files.snapshot(), java.util.Arrays.copyOf(bytes, bytes.length / 2));
            }
            case ABSENT -> Files.delete(files.snapshot());
            case STRANGERS_KEY ->
                Files.write(
                        files.snapshot(),
                        SignedSnapshot.sign(mesh.snapshot(6), JwkFile.generate())
                                .toBytes());
            case EXPIRED -> write(mesh.snapshot(6, self, Instant.now().minusSeconds(1), bundles));
            case OLDER -> write(mesh.snapshot(4));
            case OF_ANOTHER -> write(mesh.snapshot(6, mesh.id("payment"), end, bundles));
        }
    }

    @ParameterizedTest
    @EnumSource
    void badSnapshotNeverReplacesAGoodOne(Bad bad) throws Exception {
        Standalone member = join();
        write(bad);
        member.look();
        assertThat(revision()).isEqualTo(5);
        assertThat(member.snapshotsRefused()).isEqualTo(1);
        write(mesh.snapshot(7));
        member.look();
        assertThat(revision()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource
    void badSnapshotIsRefusedAfterARestartTooAndTheLastGoodOneRules(Bad bad) throws Exception {
        join();
        write(bad);
        Standalone again = join();
        assertThat(revision()).isEqualTo(5);
        assertThat(again.snapshotsRefused()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OLDER")
    void sidecarWithoutMemoryDoesNotStartWithABadSnapshot(Bad bad) throws Exception {
        write(bad);
        doesNotStart("standalone.snapshot: " + files.snapshot(), bad == Bad.ALTERED || bad == Bad.HALF ? "" : bad.says);
    }

    @Test
    void orderHoldsAlsoWhenWhatWasStoredCannotRule() throws Exception {
        files = new StandaloneFiles(
                files.snapshot(), files.trustKey(), files.certificate(), files.privateKey(), Optional.empty());
        join();
        TestMesh next = new TestMesh(Files.createDirectory(folder.resolve("next")));
        write(next.svid(mesh.id("orders"))); // under the stored bundle it proves nothing
        write(next.snapshot(4));
        doesNotStart("is not newer than the one held");
        write(next.snapshot(6));
        join();
        assertThat(revision()).isEqualTo(6);
    }

    @Test
    void expiredSnapshotCountsForTheOrderButDeniesEveryRequest() throws Exception {
        write(mesh.snapshot(6, mesh.id("orders"), Instant.now().plusMillis(300), List.of(mesh.bundle())));
        join();
        org.awaitility.Awaitility.await().until(() -> live.current().isEmpty());
        join();
        assertThat(live.current()).isEmpty();
        assertThat(revision()).isEqualTo(6);
    }

    @Test
    void snapshotOfAnotherServiceIsRefused() {
        assertThatThrownBy(() -> join("payment")).hasMessageContaining("snapshot.service: orders (expected: payment");
    }

    @Test
    void symbolicLinkThatMovesIsAChange() throws Exception {
        Path first = Files.createDirectory(folder.resolve("..first"));
        Path second = Files.createDirectory(folder.resolve("..second"));
        Files.move(files.snapshot(), first.resolve("snapshot.jws"));
        Files.write(second.resolve("snapshot.jws"), signed(mesh.snapshot(6)));
        Files.createSymbolicLink(folder.resolve("..data"), first);
        Files.createSymbolicLink(files.snapshot(), Path.of("..data/snapshot.jws"));
        Standalone member = join();
        assertThat(revision()).isEqualTo(5);
        Path moved = Files.createSymbolicLink(folder.resolve("..data_tmp"), second);
        Files.move(moved, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        member.look();
        assertThat(revision()).isEqualTo(6);
    }

    @Test
    void halfWrittenPairIsTriedAgain() throws Exception {
        Standalone member = join();
        String old = member.svid().serial();
        X509Svid next = mesh.svid(mesh.id("orders"));
        Files.writeString(files.certificate(), Pem.encode(next.chain()));
        member.look();
        assertThat(publisher.source().svid())
                .hasValueSatisfying(svid -> assertThat(svid.serial()).isEqualTo(old));
        assertThat(member.renewalFailures()).isEqualTo(1);
        writeKey(next);
        member.look();
        assertThat(publisher.source().svid())
                .hasValueSatisfying(svid -> assertThat(svid.serial()).isEqualTo(next.serial()));
        assertThat(member.svid().serial()).isEqualTo(next.serial());
        assertThat(member.renewals()).isEqualTo(1);
    }

    @Test
    void refusalIsCountedOnceAndTriedAgainInTime() throws Exception {
        Standalone member = join();
        write(mesh.snapshot(6, mesh.id("orders"), Instant.now().plusSeconds(60), List.of(mesh.bundle())));
        ahead = Duration.ofMinutes(2); // for such a clock it has ended
        for (int look = 0; look < 2 * Standalone.RETRY_LOOKS; look++) {
            member.look();
        }
        assertThat(revision()).isEqualTo(5);
        assertThat(member.snapshotsRefused()).isEqualTo(1);
        ahead = Duration.ZERO;
        for (int look = 0; look < Standalone.RETRY_LOOKS; look++) {
            member.look();
        }
        assertThat(revision()).isEqualTo(6);
    }

    @Test
    void certificateOfAnotherServiceIsRefused() throws Exception {
        Standalone member = join();
        write(mesh.svid(mesh.id("payment")));
        member.look();
        assertThat(member.svid().id()).isEqualTo(mesh.id("orders"));
        assertThat(member.renewalFailures()).isEqualTo(1);
        doesNotStart("snapshot.recipient: spiffe://shop.example/ns/shop/sa/orders");
    }

    @Test
    void certificateThatPeersWouldRefuseIsRefused() throws Exception {
        Standalone member = join();
        TestMesh stranger = new TestMesh(Files.createDirectory(folder.resolve("stranger")));
        write(stranger.svid(mesh.id("orders")));
        member.look();
        assertThat(member.renewalFailures()).isEqualTo(1);
        assertThat(publisher.source().svid()).contains(member.svid());
        doesNotStart("standalone.certificate: " + files.certificate(), "expected: a root of shop.example");
    }

    @Test
    void authorityThatIsReplacedWithItsCertificatesIsTaken() throws Exception {
        Standalone member = join();
        TestMesh next = new TestMesh(Files.createDirectory(folder.resolve("next")));
        write(next.svid(mesh.id("orders")));
        Files.writeString(folder.resolve("bundle.pem"), next.bundle().toPem());
        member.look();
        assertThat(member.renewals()).isEqualTo(1);
        assertThat(publisher.source().bundle(mesh.id("orders").trustDomain())).contains(next.bundle());
        assertThat(member.bundles()).containsExactly(next.bundle());
    }

    @Test
    void bundleOfTheSnapshotCountsWhereNoFileIsNamed() throws Exception {
        files = new StandaloneFiles(
                files.snapshot(), files.trustKey(), files.certificate(), files.privateKey(), Optional.empty());
        assertThat(join().bundles()).containsExactly(mesh.bundle());
        write(mesh.snapshot(6, mesh.id("orders"), Instant.now().plusSeconds(60), List.of()));
        Files.delete(folder.resolve("state/snapshot.json"));
        doesNotStart("standalone.snapshot: " + files.snapshot(), "no bundle for its trust domain");
    }

    @Test
    void pipeIsNotWaitedFor() throws Exception {
        Files.delete(files.snapshot());
        assertThat(new ProcessBuilder("mkfifo", files.snapshot().toString())
                        .start()
                        .waitFor())
                .isZero();
        doesNotStart("standalone.snapshot: " + files.snapshot(), "no such file");
    }

    @Test
    void keyThatOthersCanReadIsRefused() throws Exception {
        Files.setPosixFilePermissions(files.privateKey(), PosixFilePermissions.fromString("rw-r-----"));
        doesNotStart("standalone.privateKey", "rw-r-----", "chmod 600 " + files.privateKey());
        Files.setPosixFilePermissions(files.privateKey(), PosixFilePermissions.fromString("r--------"));
        join();
    }

    @Test
    void signingKeyBesideASidecarIsRefused() throws Exception {
        Files.write(files.trustKey(), JwkFile.toBytes(key));
        doesNotStart("standalone.trustKey: " + files.trustKey(), "a private key");
    }

    @Test
    void keyOfAnotherCertificateDoesNotStart() throws Exception {
        writeKey(mesh.svid(mesh.id("orders")));
        doesNotStart("standalone.certificate: " + files.certificate(), "the key of the leaf certificate");
    }

    @Test
    void missingFilesAreNamed() throws Exception {
        for (Path file : List.of(files.trustKey(), files.certificate(), files.privateKey())) {
            Path away = Files.move(file, folder.resolve("away"));
            doesNotStart(file + ": no such file");
            Files.move(away, file);
        }
        join();
    }
}
