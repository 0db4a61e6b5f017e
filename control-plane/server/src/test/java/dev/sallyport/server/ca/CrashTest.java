package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.server.ca.Effects.Killed;
import dev.sallyport.server.ca.TestFleet.Sidecar;
import dev.sallyport.server.store.Store;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that ends before or after any single thing that it does, and is started again, comes to the same end; nobody is shut out in between. */
class CrashTest {
    private static final int LOOKS_MAX = 20;

    @TempDir
    Path folder;

    private Store store;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(folder);
        store.read(handle -> handle.execute("pragma synchronous = off")); // Of what follows, only the process dies.
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void empty() {
        store.change(handle -> {
            for (String table :
                    List.of("ca_generations", "ca_rotations", "ca_excluded", "ca_canaries", "certificates")) {
                handle.execute("delete from " + table);
            }
            return store;
        });
    }

    enum Way {
        ROOT,
        INTERMEDIATE,
        ABORT_BEFORE_THE_ACTIVATION,
        ABORT_AFTER_THE_ACTIVATION;

        Phase end() {
            return this == ROOT || this == INTERMEDIATE ? Phase.DONE : Phase.ABORTED;
        }
    }

    private static final class Run {
        final Rig rig;
        final Way way;
        final Sidecar back;
        final Set<Phase> killedIn = EnumSet.noneOf(Phase.class);
        boolean killed;

        Run(Path state, Store store, Way way) throws Exception {
            this.way = way;
            rig = new Rig(state, store);
            rig.fleet.join("front", "f1");
            back = rig.fleet.join("back", "b1");
            back.answers = way != Way.ABORT_BEFORE_THE_ACTIVATION;
            back.renews = way != Way.ABORT_AFTER_THE_ACTIVATION;
        }

        /** The operator's part, said again after a crash when nothing came of it. */
        private void command() throws RotationRefusedException {
            var latest = rig.authorities().ledger().latest();
            if (latest.isEmpty()) {
                rig.begin(way == Way.INTERMEDIATE ? Rig.intermediate() : Rig.root());
            } else if (way == Way.ABORT_BEFORE_THE_ACTIVATION && latest.get().phase() == Phase.DISTRIBUTE
                    || way == Way.ABORT_AFTER_THE_ACTIVATION && latest.get().phase() == Phase.REISSUE) {
                back.renews = true;
                rig.rotation().abort(Optional.empty(), "ada");
            } else {
                rig.rotation().step();
            }
        }

        /** False: it came to its end before it could be killed. */
        boolean killedAfter(int moments) throws Exception {
            rig.effects.killAfter(moments);
            for (int i = 0; i < LOOKS_MAX && !over(); i++) {
                try {
                    command();
                    rig.fleet.assertEverybodyIsUnderstood();
                } catch (Killed now) {
                    killed = true;
                    rig.effects.live();
                    rig.authorities().ledger().latest().ifPresent(latest -> killedIn.add(latest.phase()));
                    rig.restartOnTheSameStore();
                    rig.fleet.sidecars.values().forEach(rig.fleet::comeBack);
                    rig.fleet.assertEverybodyIsUnderstood();
                }
            }
            return killed;
        }

        private boolean over() {
            return rig.authorities()
                    .ledger()
                    .latest()
                    .filter(latest -> latest.phase().over())
                    .isPresent();
        }

        void assertEnd() throws Exception {
            rig.effects.live();
            int active = way.end() == Phase.DONE ? 2 : 1;
            assertThat(rig.phase()).isEqualTo(way.end());
            assertThat(rig.authorities().ledger().generations())
                    .as("none was made twice")
                    .hasSize(2);
            assertThat(rig.authorities().signing().number()).isEqualTo(active);
            assertThat(rig.authorities().own().number()).isEqualTo(active);
            assertThat(rig.authorities().bundle().authorities()).hasSize(1);
            assertThat(rig.folder(active)).exists();
            assertThat(rig.folder(3 - active)).doesNotExist();
            rig.restartOnTheSameStore();
            assertThat(rig.authorities().signing().number()).isEqualTo(active);
            rig.fleet.sidecars.values().forEach(rig.fleet::comeBack);
            rig.fleet.assertEverybodyIsUnderstood();
        }
    }

    @ParameterizedTest
    @EnumSource
    void killedAtAnyMomentItComesToTheSameEnd(Way way) throws Exception {
        Set<Phase> killedIn = EnumSet.noneOf(Phase.class);
        List<Integer> moments = new ArrayList<>();
        boolean killed = true;
        for (int moment = 0; killed; moment++) {
            empty();
            Run run = new Run(folder.resolve(way + "-" + moment), store, way);
            killed = run.killedAfter(moment);
            run.assertEnd();
            killedIn.addAll(run.killedIn);
            moments.add(moment);
        }
        assertThat(moments).hasSizeGreaterThan(15);
        assertThat(killedIn).containsAll(expected(way));
    }

    private static Set<Phase> expected(Way way) {
        return switch (way) {
            case ROOT, INTERMEDIATE ->
                EnumSet.of(Phase.STAGE, Phase.DISTRIBUTE, Phase.ACTIVATE, Phase.REISSUE, Phase.RETIRE, Phase.DONE);
            case ABORT_BEFORE_THE_ACTIVATION ->
                EnumSet.of(Phase.STAGE, Phase.DISTRIBUTE, Phase.WITHDRAW, Phase.ABORTED);
            case ABORT_AFTER_THE_ACTIVATION -> EnumSet.of(Phase.REISSUE, Phase.RETURN, Phase.WITHDRAW, Phase.ABORTED);
        };
    }

    @Test
    void killedAtEveryMomentInTurnItStillComesToItsEnd() throws Exception {
        Run run = new Run(folder.resolve("state"), store, Way.ROOT);
        int lives = 0;
        for (int moments = 0; !run.over(); moments++, lives++) {
            run.killedAfter(moments);
        }
        assertThat(lives).isPositive();
        run.assertEnd();
    }
}
