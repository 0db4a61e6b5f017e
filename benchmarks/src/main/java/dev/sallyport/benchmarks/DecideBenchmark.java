package dev.sallyport.benchmarks;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One decision, the user proven already, with 20,000 rules on few or many routes; a thousand different requests in turn, so that no cache line is always warm. */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecideBenchmark {
    private static final int RULES = 20_000;
    private static final int REQUESTS = 1024;

    /** How many routes share the rules. */
    @Param({"10", "1000", "10000"})
    public int routes;

    private PolicySet policy;
    private final GivenFacts[] allowed = new GivenFacts[REQUESTS];
    private final GivenFacts[] wrongRole = new GivenFacts[REQUESTS];
    private final GivenFacts[] wrongCaller = new GivenFacts[REQUESTS];
    private int next;

    /** Compiles the policy; not measured. */
    @Setup
    public void compile() {
        policy = PolicySet.compile(BigPolicy.of(routes, RULES), BigPolicy.SERVICE);
        for (int i = 0; i < REQUESTS; i++) {
            int route = (int) (i * 7919L % routes);
            String caller = BigPolicy.caller(route % 2000);
            allowed[i] = BigPolicy.request(route, caller, "customer");
            wrongRole[i] = BigPolicy.request(route, caller, "visitor");
            wrongCaller[i] = BigPolicy.request(route, BigPolicy.SERVICE, "customer");
        }
    }

    /** A rule with conditions holds. */
    @Benchmark
    public Decision allow() {
        return decide(allowed);
    }

    /** The user lacks the role. */
    @Benchmark
    public Decision denyRole() {
        return decide(wrongRole);
    }

    /** No rule names the caller. */
    @Benchmark
    public Decision denyCaller() {
        return decide(wrongCaller);
    }

    private Decision decide(GivenFacts[] requests) {
        next = next + 1 & REQUESTS - 1;
        return policy.decide(requests[next], BigPolicy.NOW);
    }
}
