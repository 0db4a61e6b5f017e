package dev.sallyport.benchmarks.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * A fleet that started together.
 *
 * @param sidecars how many
 * @param within the first certificates are handed out at random times of this long
 * @param life of every certificate
 */
public record Fleet(int sidecars, Duration within, Duration life) {
    private static final Instant START = Instant.parse("2027-03-01T12:00:00Z");

    /** A renewal: the {@code wave}-th of its sidecar, from 1. */
    private record Renewal(Instant at, int wave) {}

    /** When the fleet asks for certificates, wave by wave; a wave is everybody's first renewal, everybody's second, and so on. */
    public List<Wave> renew(Planner planner, int waves, RandomGenerator random) {
        PriorityQueue<Renewal> due = new PriorityQueue<>(Comparator.comparing(Renewal::at));
        for (int i = 0; i < sidecars; i++) {
            due.add(new Renewal(START.plusMillis(random.nextLong(within.toMillis() + 1)), 0));
        }
        List<List<Instant>> moments = new ArrayList<>();
        for (int wave = 0; wave <= waves; wave++) {
            moments.add(new ArrayList<>());
        }
        while (!due.isEmpty()) {
            Renewal now = due.remove();
            moments.get(now.wave).add(now.at);
            if (now.wave < waves) {
                due.add(new Renewal(planner.plan(now.at, now.at.plus(life)), now.wave + 1));
            }
        }
        List<Wave> all = new ArrayList<>();
        for (int wave = 1; wave <= waves; wave++) {
            all.add(new Wave(wave, moments.get(wave), life));
        }
        return all;
    }
}
