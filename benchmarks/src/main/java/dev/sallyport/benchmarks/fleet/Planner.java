package dev.sallyport.benchmarks.fleet;

import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.server.issuance.RenewalSlots;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** When a certificate that is handed out now is renewed. */
@FunctionalInterface
public interface Planner {
    Instant plan(Instant now, Instant notAfter);

    /** As the control plane plans, against all others. */
    static Planner slots(RandomGenerator random) {
        return new RenewalSlots(random)::plan;
    }

    /** Each drawn by itself, from the same part of its life. */
    static Planner drawn(RandomGenerator random) {
        return (now, notAfter) -> RenewalSchedule.draw(now, notAfter, random);
    }
}
