package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A rotation that waits for nobody who is away, and for others no longer than its bound. */
class EmergencyTest extends RotationCase {
    @Test
    void emergencyWaitsForNobodyWhoIsAwayAndForOthersNoLongerThanItsBound() throws Exception {
        front.answers = false;
        back.connected = false;
        rig.begin(new RotationRequest(Subject.ROOT, Optional.empty(), true, List.of()));
        assertThat(rig.step()).as("one that is connected is given its time").isEqualTo(Phase.DISTRIBUTE);
        rig.clock.move(Asking.EMERGENCY_WAIT.plusSeconds(1));
        rig.untilOver();
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
        rig.untilOver();
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
}
