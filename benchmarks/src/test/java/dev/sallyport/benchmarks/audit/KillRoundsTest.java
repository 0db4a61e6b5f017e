package dev.sallyport.benchmarks.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The full count is a command: {@code ./sallyport bench audit --kill 1000}. */
@Timeout(120)
class KillRoundsTest {
    private static final int KILLS = 15;

    @TempDir
    Path top;

    @Test
    void killedProcessLosesNothingThatItVouchedFor() throws Exception {
        long seed = System.nanoTime();
        KillRounds rounds = new KillRounds(top.resolve("log"), 8, 200, new Random(seed));
        for (int i = 0; i < KILLS; i++) {
            rounds.round();
        }
        KillRounds.Result result = rounds.result();
        assertThat(result.problems()).as("seed %d", seed).isEmpty();
        assertThat(result.kills()).isEqualTo(KILLS);
        assertThat(result.acknowledged()).isGreaterThan(KILLS);
        assertThat(result.records()).isGreaterThan(result.acknowledged());
    }
}
