package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.audit.KillRounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** {@code bench audit --kill}: a killed process loses nothing that it vouched for. */
record AuditKills(Path home, int kills, long seed) {
    private static final int WAITERS = 16;
    private static final int LIFE_MILLIS_MAX = 300;
    /** Rounds between two lines of progress. */
    private static final int SAID_EVERY = 10;

    int run() throws IOException, InterruptedException {
        Bench.say("killing a process " + kills + " times that appends with " + WAITERS + " waiters, seed " + seed);
        try (TemporaryFolder temporary = TemporaryFolder.in(home)) {
            KillRounds rounds =
                    new KillRounds(temporary.path().resolve("log"), WAITERS, LIFE_MILLIS_MAX, new Random(seed));
            for (int i = 1; i <= kills; i++) {
                rounds.round();
                if (i % SAID_EVERY == 0 || i == kills) {
                    KillRounds.Result now = rounds.result();
                    Bench.say(i + " of " + kills + ": " + now.acknowledged() + " acknowledged, "
                            + now.problems().size() + " problems");
                }
            }
            KillRounds.Result result = rounds.result();
            result.problems().stream().limit(20).forEach(Bench::say);
            System.out.println(result.kills() + " kills: " + result.acknowledged() + " records acknowledged, "
                    + result.records() + " lines read, " + result.tornBytes() + " torn bytes; "
                    + result.problems().size() + " missing, twice, or broken (expected: 0)");
            return result.problems().isEmpty() ? 0 : Bench.FAILED;
        }
    }
}
