package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.identity.TrustBundle;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The ways back from a rotation, and who may not go them. */
class AbortTest extends RotationCase {
    @Test
    void nothingUnderWayCanNeitherBeAbortedNorContinued() {
        assertThatThrownBy(() -> rig.rotation().abort(Optional.empty(), "ada"))
                .isInstanceOf(RotationRefusedException.class);
        assertThatThrownBy(() -> rig.rotation().proceed(Optional.empty(), List.of(), false, "ada"))
                .isInstanceOf(RotationRefusedException.class);
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
        rig.untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.ABORTED);
        assertThat(rig.authorities().bundle()).isEqualTo(old);
        assertThat(rig.folder(1)).exists();
        assertThat(rig.folder(2)).doesNotExist();
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
        rig.untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void nobodyGoesBackToAnAuthorityThatCannotSign() throws Exception {
        AtomicBoolean sealed = rig.sealable("/1");
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
    void retiringAuthorityCannotBeAborted() throws Exception {
        AtomicBoolean sealed = rig.sealable("");
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
        rig.untilOver();
        assertThat(rig.phase()).isEqualTo(Phase.DONE);
    }
}
