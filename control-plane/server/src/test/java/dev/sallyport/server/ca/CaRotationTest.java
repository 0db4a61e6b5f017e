package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.Standing;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.ca.TestFleet.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a rotation, whom its gates wait for, and the ways back. */
class CaRotationTest {
    @TempDir
    Path state;

    private Rig rig;
    private Sidecar front;
    private Sidecar back;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig(state);
        front = rig.fleet.join("front", "f1");
        back = rig.fleet.join("back", "b1");
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private List<String> phases() {
        return rig.events.stream()
                .map(event -> event.substring("rotation.".length(), event.indexOf(':')))
                .distinct()
                .toList();
    }

    private void untilOver() {
        for (int i = 0; i < 10 && !rig.phase().over(); i++) {
            rig.step();
        }
        assertThat(rig.phase().over()).as(rig.phase() + ": " + rig.view()).isTrue();
    }

    @Test
    void rootIsReplacedAndNobodyIsShutOutOnTheWay() throws Exception {
        TrustBundle old = rig.authorities().bundle();
        rig.begin(Rig.root());
        assertThat(rig.authorities().bundle().authorities()).hasSize(2).containsAll(old.authorities());
        untilOver();
        assertThat(phases()).containsExactly("stage", "distribute", "activate", "re-issue", "retire", "done");
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
        assertThat(rig.authorities().bundle().authorities()).hasSize(1).doesNotContainAnyElementsOf(old.authorities());
        assertThat(rig.authorities().signing().number()).isEqualTo(2);
        assertThat(front.bundle).isEqualTo(rig.authorities().bundle());
        assertThat(rig.folder(1)).doesNotExist();
        assertThat(rig.folder(2)).exists();
        assertThat(rig.fleet.left).hasSize(2);
    }

    @Test
    void intermediateIsReplacedBelowTheSameRootAndNobodyIsCutOff() throws Exception {
        TrustBundle root = rig.authorities().bundle();
        var old = rig.authorities().active().standing().issuer();
        rig.begin(Rig.intermediate());
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
        assertThat(rig.authorities().bundle()).isEqualTo(root);
        assertThat(rig.authorities().active().standing().issuer().getPublicKey())
                .isNotEqualTo(old.getPublicKey());
        assertThat(rig.folder(1)).doesNotExist();
        assertThat(rig.fleet.left).isEmpty();
        // The root's key came along: the next intermediate can be made, too.
        rig.begin(Rig.intermediate());
        untilOver();
        assertThat(rig.authorities().signing().number()).isEqualTo(3);
    }

    @Test
    void secondRotationIsRefusedWhileOneIsUnderWay() throws Exception {
        back.answers = false;
        rig.begin(Rig.root());
        assertThatThrownBy(() -> rig.begin(Rig.root()))
                .isInstanceOf(RotationRefusedException.class)
                .hasMessageContaining("under way, at distribute");
        assertThat(rig.latest().id()).isEqualTo(1);
    }

    @Test
    void nothingUnderWayCanNeitherBeAbortedNorContinued() {
        assertThatThrownBy(() -> rig.rotation().abort(Optional.empty(), "ada"))
                .isInstanceOf(RotationRefusedException.class);
        assertThatThrownBy(() -> rig.rotation().proceed(Optional.empty(), List.of(), false, "ada"))
                .isInstanceOf(RotationRefusedException.class);
    }

    @Test
    void gateWaitsForWhoIsAwayAndSaysSinceWhenAndUntil() throws Exception {
        back.connected = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        assertThat(rig.missing()).singleElement().satisfies(missing -> {
            assertThat(missing.name()).isEqualTo("back/b1");
            assertThat(missing.connected()).isFalse();
            assertThat(missing.reason()).contains("not connected since");
            assertThat(missing.endsAt())
                    .isEqualTo(back.held.leaf().getNotAfter().toInstant());
        });
        rig.fleet.comeBack(back);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void whoseCertificateEndedIsNotWaitedFor() throws Exception {
        back.connected = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        rig.clock.move(TestFleet.LIFE.minusMinutes(1));
        rig.fleet.renew(front);
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        rig.clock.move(Duration.ofMinutes(2));
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void whoseCertificateIsRevokedIsNotWaitedFor() throws Exception {
        back.connected = false;
        rig.begin(Rig.root());
        rig.store()
                .change(handle ->
                        handle.execute("update certificates set revoked = 1 where serial = ?", back.serial()));
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void identityThatTheMeshNoLongerDeclaresIsWaitedForByItsOwnName() throws Exception {
        rig.fleet.join("gone", "g1").connected = false;
        rig.begin(Rig.root());
        rig.step();
        assertThat(rig.missing()).singleElement().satisfies(missing -> {
            assertThat(missing.name()).isEqualTo("spiffe://shop.example/sa/gone/g1");
            assertThat(missing.reason()).contains("does not declare");
        });
        rig.rotation().proceed(Optional.empty(), List.of("spiffe://shop.example/sa/gone"), false, "ada");
        assertThat(rig.phase()).isNotEqualTo(Phase.DISTRIBUTE);
    }

    @Test
    void excludedOneIsShownButNotWaitedForAndAnotherStillIs() throws Exception {
        Sidecar second = rig.fleet.join("back", "b2");
        back.connected = false;
        second.connected = false;
        rig.begin(new RotationRequest(Subject.ROOT, Optional.empty(), false, List.of("back/b1")));
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        assertThat(rig.missing())
                .extracting(CaView.MissingLine::name, CaView.MissingLine::excluded)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("back/b1", true),
                        org.assertj.core.groups.Tuple.tuple("back/b2", false));
        rig.restart();
        assertThat(rig.step()).as("an exclusion is on record").isEqualTo(Phase.DISTRIBUTE);
        rig.rotation().proceed(Optional.empty(), List.of("back"), false, "ben");
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
        assertThat(rig.events).anyMatch(event -> event.contains("ben excludes [back]"));
        assertThat(rig.events).anyMatch(event -> event.contains("goes on without back/b1, back/b2"));
        assertThat(rig.fleet.left).contains(back.serial());
    }

    @Test
    void nameThatNobodyBearsCannotBeExcluded() throws Exception {
        assertThatThrownBy(
                        () -> rig.begin(new RotationRequest(Subject.ROOT, Optional.empty(), false, List.of("back/b9"))))
                .isInstanceOf(RotationRefusedException.class)
                .hasMessageContaining("back/b9");
        assertThat(rig.authorities().ledger().latest()).isEmpty();
    }

    @Test
    void refusedCanaryHoldsTheRotationAndItsReasonShows() throws Exception {
        back.refusal = Optional.of("no root of that name");
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        assertThat(rig.missing())
                .singleElement()
                .satisfies(
                        missing -> assertThat(missing.reason()).contains("refused the canary: no root of that name"));
        back.refusal = Optional.empty();
        assertThat(rig.step()).as("it is not asked again at once").isEqualTo(Phase.DISTRIBUTE);
        rig.rotation().proceed(Optional.empty(), List.of(), false, "ada");
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void canaryThatPassedAndFailsLaterCountsAsFailed() throws Exception {
        front.answers = false;
        rig.begin(Rig.root());
        rig.rotation().canary(back.instance, "2", Optional.of("changed its mind"));
        front.answers = true;
        rig.fleet.comeBack(front);
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        assertThat(rig.missing())
                .singleElement()
                .satisfies(missing -> assertThat(missing.name()).isEqualTo("back/b1"));
    }

    @Test
    void canaryOfAnotherAuthorityOrAtAnotherTimeIsNotNoted() throws Exception {
        assertThat(rig.rotation().canary(back.instance, "2", Optional.empty())).isFalse();
        back.answers = false;
        rig.begin(Rig.root());
        assertThat(rig.rotation().canary(back.instance, "1", Optional.empty())).isFalse();
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        assertThat(rig.rotation().canary(back.instance, "2", Optional.empty())).isTrue();
        untilOver();
        assertThat(rig.rotation().canary(back.instance, "2", Optional.empty())).isFalse();
    }

    @Test
    void whoReconnectsIsAskedAgainAtOnce() throws Exception {
        back.answers = false;
        rig.begin(Rig.root());
        rig.step();
        assertThat(rig.fleet.asked).containsOnlyOnce("canary b1");
        back.answers = true;
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        rig.fleet.comeBack(back);
        rig.step();
        assertThat(rig.step()).isNotEqualTo(Phase.DISTRIBUTE);
    }

    @Test
    void certificateThatNobodyHasSeenInUseIsNotEnough() throws Exception {
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.fleet.renewInVain(back);
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        assertThat(rig.missing()).singleElement().satisfies(missing -> {
            assertThat(missing.reason()).contains("has not used its new certificate yet");
            assertThat(missing.endsAt())
                    .isEqualTo(back.held.leaf().getNotAfter().toInstant());
        });
        rig.fleet.renew(back);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void certificateThatWasUsedOnceCountsWhileItsHolderIsAway() throws Exception {
        front.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.step();
        assertThat(rig.missing()).extracting(CaView.MissingLine::name).containsExactly("front/f1");
        back.connected = false;
        rig.restart();
        rig.fleet.renew(front);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void requestsUnderWayGetTheirTimeBeforeARootGoes() throws Exception {
        rig.settle = Duration.ofSeconds(5);
        rig.restart();
        rig.begin(Rig.root());
        rig.step();
        rig.step();
        assertThat(rig.missing()).isEmpty();
        rig.clock.move(Duration.ofMillis(4999));
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.clock.move(Duration.ofMillis(1));
        untilOver();
        rig.begin(Rig.intermediate());
        untilOver(); // No root goes: nothing ends with it.
        assertThat(rig.authorities().signing().number()).isEqualTo(3);
    }

    @Test
    void emergencyWaitsForNobodyWhoIsAwayAndForOthersNoLongerThanItsBound() throws Exception {
        front.answers = false;
        back.connected = false;
        rig.begin(new RotationRequest(Subject.ROOT, Optional.empty(), true, List.of()));
        assertThat(rig.step()).as("one that is connected is given its time").isEqualTo(Phase.DISTRIBUTE);
        rig.clock.move(Asking.EMERGENCY_WAIT.plusSeconds(1));
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
        assertThat(rig.fleet.left).contains(back.serial());
        assertThat(rig.events).anyMatch(event -> event.contains("goes on without back/b1, front/f1"));
    }

    @Test
    void emergencyCanBeDeclaredOnTheWay() throws Exception {
        back.connected = false;
        rig.begin(Rig.root());
        rig.clock.move(Duration.ofHours(1));
        assertThat(rig.step()).isEqualTo(Phase.DISTRIBUTE);
        rig.rotation().proceed(Optional.empty(), List.of(), true, "ada");
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void emergencyAsksEverybodyWhoIsConnectedBeforeItsPatienceEnds() throws Exception {
        for (int i = 0; i < 28; i++) {
            rig.fleet.join("many", "m" + i).answers = i != 7; // More than are asked in one second.
        }
        rig.begin(new RotationRequest(Subject.ROOT, Optional.empty(), true, List.of()));
        assertThat(rig.fleet.asked).hasSizeLessThan(30);
        rig.clock.move(Asking.EMERGENCY_WAIT.plusSeconds(1));
        rig.rotation().step();
        assertThat(rig.phase()).as("who was not asked cannot have answered").isEqualTo(Phase.DISTRIBUTE);
        rig.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        rig.rotation().step();
        rig.rotation().step();
        assertThat(rig.missing()).hasSize(1);
        assertThat(rig.missing().getFirst().name()).isEqualTo("many/m7");
        rig.clock.move(Asking.EMERGENCY_WAIT.plusSeconds(1));
        rig.rotation().step();
        assertThat(rig.phase()).isEqualTo(Phase.REISSUE);
        assertThat(rig.events).anyMatch(event -> event.contains("goes on without many/m7"));
    }

    @Test
    void emergencySaysBeforeWhomItWouldLeave() throws Exception {
        assertThat(rig.view().leftBehind()).isEmpty();
        back.connected = false;
        assertThat(rig.view().leftBehind()).extracting(CaView.HolderLine::name).containsExactly("back/b1");
        back.connected = true;
        front.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.step();
        back.connected = false;
        front.connected = false;
        assertThat(rig.view().leftBehind())
                .as("who has the new one stays, away or not")
                .extracting(CaView.HolderLine::name)
                .containsExactly("front/f1");
    }

    @Test
    void whoMeansAnotherRotationChangesNothing() throws Exception {
        back.answers = false;
        rig.begin(Rig.root());
        rig.rotation().abort(Optional.of(1), "ada");
        rig.begin(Rig.root());
        assertThatThrownBy(() -> rig.rotation().abort(Optional.of(1), "ben"))
                .isInstanceOf(RotationRefusedException.class)
                .hasMessageContaining("rotation 1 is over (expected: 2, which ada began");
        assertThatThrownBy(() -> rig.rotation().proceed(Optional.of(1), List.of(), true, "ben"))
                .hasMessageContaining("rotation 1 is over");
        assertThat(rig.phase()).isEqualTo(Phase.DISTRIBUTE);
        assertThat(rig.latest().emergency()).isFalse();
        rig.rotation().abort(Optional.of(2), "ben");
        assertThat(rig.phase()).isEqualTo(Phase.ABORTED);
    }

    @Test
    void whoDidWhatIsOnRecordByName() throws Exception {
        back.connected = false;
        rig.begin(Rig.root());
        rig.rotation().proceed(Optional.empty(), List.of("back"), true, "ben");
        assertThat(rig.events).anyMatch(event -> event.contains("ben declares an emergency"));
        assertThat(rig.actors).contains("ada", "ben", "");
    }

    @Test
    void emergencyDeclaredHoursLaterHasPatienceToo() throws Exception {
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.clock.move(Duration.ofHours(3));
        rig.rotation().proceed(Optional.empty(), List.of(), true, "ada");
        assertThat(rig.phase()).isEqualTo(Phase.REISSUE);
        rig.clock.move(Asking.EMERGENCY_WAIT.plusSeconds(1));
        rig.rotation().step();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void certificateThatWasShownCountsAlsoWhenTheAnswerWithALaterOneWasLost() throws Exception {
        front.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.step();
        rig.fleet.renewInVain(back);
        rig.step();
        assertThat(rig.missing()).extracting(CaView.MissingLine::name).containsExactly("front/f1");
        rig.fleet.renew(front);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void nobodyGoesBackToAnAuthorityThatCannotSign() throws Exception {
        AtomicBoolean sealed = new AtomicBoolean();
        AuthorityOpener real = rig.opener;
        rig.opener = (kind, folder) ->
                folder.endsWith("1") ? new Sealable(real.open(kind, folder), sealed) : real.open(kind, folder);
        rig.restart();
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        sealed.set(true);
        assertThatThrownBy(() -> rig.rotation().abort(Optional.empty(), "ada"))
                .isInstanceOf(RotationRefusedException.class)
                .hasMessageContaining("generation 1 cannot sign now");
        assertThat(rig.phase()).isEqualTo(Phase.REISSUE);
        assertThat(rig.authorities().signing().number()).isEqualTo(2);
    }

    @Test
    void whoDiesOnTheWayBackIsLeftAgain() throws Exception {
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        front.connected = false;
        rig.rotation().abort(Optional.empty(), "ada");
        assertThat(rig.step()).isEqualTo(Phase.RETURN);
        rig.rotation().abort(Optional.empty(), "ada");
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        assertThat(rig.authorities().signing().number()).isEqualTo(2);
        assertThat(rig.latest().because()).isEmpty();
        rig.fleet.comeBack(front);
        rig.fleet.renew(back);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void keysThatCannotBeDeletedHoldNoRotationOpen() throws Exception {
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        Path keys = rig.folder(1);
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("r-x------"));
        assumeThat(Files.isWritable(keys)).as("root may delete anything").isFalse();
        rig.fleet.renew(back);
        untilOver();
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));
        assertThat(keys).isNotEmptyDirectory();
        assertThat(rig.events).anyMatch(event -> event.contains("could not be deleted"));
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void abortBeforeTheActivationLeavesNothing() throws Exception {
        TrustBundle old = rig.authorities().bundle();
        back.answers = false;
        rig.begin(Rig.root());
        rig.rotation().abort(Optional.empty(), "ada");
        assertThat(rig.phase()).isEqualTo(Phase.ABORTED);
        assertThat(rig.latest().because()).contains("aborted by ada at distribute");
        assertThat(rig.authorities().bundle()).isEqualTo(old);
        assertThat(front.bundle).isEqualTo(old);
        assertThat(rig.folder(2)).doesNotExist();
        assertThat(rig.fleet.asked).noneMatch(what -> what.startsWith("rotate"));
        rig.begin(Rig.root());
        assertThat(rig.latest().to()).as("a number is never used twice").isEqualTo(3);
    }

    @Test
    void abortAfterTheActivationGoesBackOverTheSameGates() throws Exception {
        TrustBundle old = rig.authorities().bundle();
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        front.connected = false; // It holds a certificate of the new authority, and is away with it.
        rig.rotation().abort(Optional.empty(), "ada");
        assertThat(rig.step()).isEqualTo(Phase.RETURN);
        assertThat(rig.authorities().signing().number()).isEqualTo(1);
        assertThat(rig.authorities().bundle().authorities()).hasSize(2);
        assertThat(rig.missing())
                .singleElement()
                .satisfies(missing -> assertThat(missing.name()).isEqualTo("front/f1"));
        rig.fleet.comeBack(front);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.ABORTED);
        assertThat(rig.authorities().bundle()).isEqualTo(old);
        assertThat(rig.folder(1)).exists();
        assertThat(rig.folder(2)).doesNotExist();
    }

    @Test
    void retiringAuthorityCannotBeAborted() throws Exception {
        AuthorityOpener real = rig.opener;
        AtomicBoolean sealed = new AtomicBoolean();
        rig.opener = (kind, folder) -> new Sealable(real.open(kind, folder), sealed);
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.fleet.renew(back);
        sealed.set(true); // So the control plane's own certificate cannot follow.
        assertThat(rig.step()).isEqualTo(Phase.RETIRE);
        assertThat(rig.latest().problem()).contains("sealed");
        assertThat(front.bundle.authorities()).as("nobody was told yet").hasSize(2);
        assertThatThrownBy(() -> rig.rotation().abort(Optional.empty(), "ada")).hasMessageContaining("retiring");
        sealed.set(false);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void oldTokenIsAnsweredByTheAuthorityThatItsJoinFileKnows() throws Exception {
        Instant before = rig.clock.instant();
        TrustBundle known = rig.authorities().bundle();
        back.renews = false;
        rig.begin(Rig.root());
        rig.clock.move(Duration.ofMinutes(1));
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.clock.move(Duration.ofMinutes(1));
        assertThat(rig.authorities().joining(rig.clock.instant()).number()).isEqualTo(2);
        assertThat(rig.authorities().joining(before).number()).isEqualTo(1);
        Sidecar late = rig.fleet.join("back", "late", rig.authorities().joining(before), known);
        rig.fleet.assertReachesTheControlPlane(late);
        rig.fleet.comeBack(late);
        back.renews = true;
        rig.fleet.comeBack(back);
        untilOver();
        assertThat(rig.authorities().joining(before).number()).isEqualTo(2);
    }

    @Test
    void authorityThatIsNoOtherOneIsRefusedAndLeavesNothing() throws Exception {
        AuthorityOpener real = rig.opener;
        rig.opener = (kind, _) -> real.open(kind, rig.folder(1));
        assertThatThrownBy(() -> rig.begin(Rig.root()))
                .isInstanceOf(RotationRefusedException.class)
                .hasMessageContaining("signs with the key of the one in force")
                .hasMessageContaining("nothing was changed");
        assertThat(rig.phase()).isEqualTo(Phase.ABORTED);
        assertThat(rig.authorities().bundle().authorities()).hasSize(1);
        assertThat(rig.fleet.asked).isEmpty();
    }

    @Test
    void sameRootIsNoRotationOfTheRoot() throws Exception {
        AuthorityOpener real = rig.opener;
        rig.opener = (kind, folder) -> {
            dev.sallyport.authority.EmbeddedAuthority.carryRoot(rig.folder(1), folder);
            return real.open(kind, folder);
        };
        assertThatThrownBy(() -> rig.begin(Rig.root())).hasMessageContaining("has a root that is trusted already");
        assertThat(rig.folder(2)).doesNotExist();
    }

    @Test
    void anotherRootIsNoRotationOfTheIntermediate() throws Exception {
        AuthorityOpener real = rig.opener;
        rig.opener = (kind, folder) -> real.open(kind, folder.resolveSibling("elsewhere"));
        assertThatThrownBy(() -> rig.begin(Rig.intermediate())).hasMessageContaining("has another root");
    }

    @Test
    void authorityThatCannotBeOpenedIsRefusedWithItsReason() {
        AuthorityOpener real = rig.opener;
        rig.opener = (kind, folder) -> {
            if (kind == AuthorityKind.VAULT_LEAF) {
                throw new IOException("vault.yaml: missing");
            }
            return real.open(kind, folder);
        };
        RotationRequest wanted =
                new RotationRequest(Subject.AUTHORITY, Optional.of(AuthorityKind.VAULT_LEAF), false, List.of());
        assertThatThrownBy(() -> rig.begin(wanted)).hasMessageContaining("vault.yaml: missing");
        assertThat(rig.phase()).isEqualTo(Phase.ABORTED);
    }

    @Test
    void anotherKindTakesOverAndStaysAcrossARestart() throws Exception {
        rig.begin(new RotationRequest(Subject.AUTHORITY, Optional.of(AuthorityKind.VAULT_LEAF), false, List.of()));
        untilOver();
        rig.restart();
        assertThat(rig.authorities().signing().kind()).isEqualTo(AuthorityKind.VAULT_LEAF);
        assertThat(rig.view().generations())
                .extracting(CaView.GenerationLine::state)
                .containsExactly("retired", "active");
        rig.fleet.assertEverybodyIsUnderstood();
    }

    @Test
    void authorityThatCannotSignIsNotActivatedUntilItCan() throws Exception {
        AuthorityOpener real = rig.opener;
        AtomicBoolean sealed = new AtomicBoolean(true);
        rig.opener = (kind, folder) -> new Sealable(real.open(kind, folder), sealed);
        sealed.set(false);
        back.answers = false;
        rig.begin(Rig.root());
        sealed.set(true);
        rig.rotation().canary(back.instance, "2", Optional.empty());
        assertThat(rig.step()).isEqualTo(Phase.ACTIVATE);
        assertThat(rig.latest().problem()).contains("sealed");
        int told = rig.events.size();
        assertThat(rig.step()).isEqualTo(Phase.ACTIVATE);
        assertThat(rig.events).as("a problem is told once").hasSize(told);
        assertThat(rig.authorities().signing().number()).isEqualTo(1);
        sealed.set(false);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
        assertThat(rig.latest().problem()).isEmpty();
    }

    /** A real authority behind something that can be sealed. */
    private record Sealable(CertificateAuthority real, AtomicBoolean sealed) implements CertificateAuthority {
        @Override
        public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life)
                throws IssuanceRefusedException, AuthorityUnavailableException {
            if (sealed.get()) {
                throw new AuthorityUnavailableException("sealed", Duration.ofSeconds(1));
            }
            return real.issue(csrDer, id, life);
        }

        @Override
        public TrustBundle trustBundle() {
            return real.trustBundle();
        }

        @Override
        public Standing standing() {
            return real.standing();
        }
    }

    @Test
    void oldAuthorityThatIsOutOfReachAfterARestartHoldsNobodyUp() throws Exception {
        back.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        AuthorityOpener real = rig.opener;
        rig.opener = (kind, folder) -> {
            if (folder.endsWith("1")) {
                throw new IOException("generation 1 is out of reach");
            }
            return real.open(kind, folder);
        };
        rig.restart();
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        assertThat(rig.latest().problem()).contains("generation 1 is out of reach");
        assertThat(rig.authorities().bundle().authorities()).as("still trusted").hasSize(2);
        assertThatThrownBy(() -> rig.rotation().abort(Optional.empty(), "ada"))
                .hasMessageContaining("cannot sign again");
        back.renews = true;
        rig.fleet.comeBack(back);
        untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }
}
