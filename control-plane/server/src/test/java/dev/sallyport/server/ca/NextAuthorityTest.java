package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.ca.TestFleet.Sidecar;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The authorities on both sides of a rotation: which may be the next, and what holds when one cannot be reached or cannot sign. */
class NextAuthorityTest extends RotationCase {
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
            EmbeddedAuthority.carryRoot(rig.folder(1), folder);
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
        rig.untilOver();
        rig.restart();
        assertThat(rig.authorities().signing().kind()).isEqualTo(AuthorityKind.VAULT_LEAF);
        assertThat(rig.view().generations())
                .extracting(CaView.GenerationLine::state)
                .containsExactly("retired", "active");
        rig.fleet.assertEverybodyIsUnderstood();
    }

    @Test
    void authorityThatCannotSignIsNotActivatedUntilItCan() throws Exception {
        AtomicBoolean sealed = rig.sealable("");
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
        rig.untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
        assertThat(rig.latest().problem()).isEmpty();
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
        rig.untilOver();
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
        rig.untilOver();
        assertThat(rig.authorities().joining(before).number()).isEqualTo(2);
    }
}
