package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.ca.TestFleet.Sidecar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The way of a rotation, and whom its gates wait for. */
class CaRotationTest extends RotationCase {
    private List<String> phases() {
        return rig.events.stream()
                .map(event -> event.substring("rotation.".length(), event.indexOf(':')))
                .distinct()
                .toList();
    }

    @Test
    void rootIsReplacedAndNobodyIsShutOutOnTheWay() throws Exception {
        TrustBundle old = rig.authorities().bundle();
        rig.begin(Rig.root());
        assertThat(rig.authorities().bundle().authorities()).hasSize(2).containsAll(old.authorities());
        rig.untilOver();
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
        rig.untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
        assertThat(rig.authorities().bundle()).isEqualTo(root);
        assertThat(rig.authorities().active().standing().issuer().getPublicKey())
                .isNotEqualTo(old.getPublicKey());
        assertThat(rig.folder(1)).doesNotExist();
        assertThat(rig.fleet.left).isEmpty();
        // The root's key came along: the next intermediate can be made, too.
        rig.begin(Rig.intermediate());
        rig.untilOver();
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
        rig.untilOver();
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
        rig.untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void whoseCertificateIsRevokedIsNotWaitedFor() throws Exception {
        back.connected = false;
        rig.begin(Rig.root());
        rig.store()
                .change(handle ->
                        handle.execute("update certificates set revoked = 1 where serial = ?", back.serial()));
        rig.untilOver();
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
        rig.untilOver();
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
        rig.untilOver();
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
        rig.untilOver();
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
        rig.untilOver();
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
        rig.untilOver();
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
        rig.untilOver();
        rig.begin(Rig.intermediate());
        rig.untilOver(); // No root goes: nothing ends with it.
        assertThat(rig.authorities().signing().number()).isEqualTo(3);
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
    void certificateThatWasShownCountsAlsoWhenTheAnswerWithALaterOneWasLost() throws Exception {
        front.renews = false;
        rig.begin(Rig.root());
        assertThat(rig.step()).isEqualTo(Phase.REISSUE);
        rig.step();
        rig.fleet.renewInVain(back);
        rig.step();
        assertThat(rig.missing()).extracting(CaView.MissingLine::name).containsExactly("front/f1");
        rig.fleet.renew(front);
        rig.untilOver();
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
        rig.untilOver();
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));
        assertThat(keys).isNotEmptyDirectory();
        assertThat(rig.events).anyMatch(event -> event.contains("could not be deleted"));
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }
}
