package dev.sallyport.benchmarks;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
import java.time.Duration;

/** One decision by a large policy, in this process: as {@code DecideBenchmark} measures it, in batches and without JMH, for curves of many points. One thread. */
public final class DecisionCost {
    private static final int CALLERS = 2000;
    private static final int REQUESTS = 1024;
    private static final int BATCH = 10_000;

    private final PolicySet policy;
    private final GivenFacts[] requests = new GivenFacts[REQUESTS];
    private int next;

    /** Compiles; not measured. Requests that a rule allows, over all routes in turn. */
    public DecisionCost(int routes, int rules) {
        policy = PolicySet.compile(BigPolicy.of(routes, rules), BigPolicy.SERVICE);
        for (int i = 0; i < REQUESTS; i++) {
            int route = (int) (i * 7919L % routes);
            requests[i] = BigPolicy.request(route, BigPolicy.caller(route % CALLERS), "customer");
        }
        if (!(policy.decide(requests[0], BigPolicy.NOW) instanceof Decision.Allow)) {
            throw new IllegalStateException("policy of " + rules + " rules: denies what it is to allow");
        }
    }

    /** Of one decision, in nanoseconds, as the mean over about {@code duration}. */
    public double nanos(Duration duration) {
        long start = System.nanoTime();
        long decided = 0;
        long taken;
        int allowed = 0;
        do {
            for (int i = 0; i < BATCH; i++) {
                next = next + 1 & REQUESTS - 1;
                allowed += policy.decide(requests[next], BigPolicy.NOW) instanceof Decision.Allow ? 1 : 0;
            }
            decided += BATCH;
            taken = System.nanoTime() - start;
        } while (taken < duration.toNanos());
        if (allowed != decided) { // and the compiler cannot leave the decisions out
            throw new IllegalStateException(decided - allowed + " of " + decided + " denied (expected: none)");
        }
        return (double) taken / decided;
    }
}
