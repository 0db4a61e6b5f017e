package dev.sallyport.benchmarks;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** One decision of a rule with a condition; {@code true} is the same without work in it, so that the difference is the condition's own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ConditionBenchmark {
    private static final String DOCUMENTS = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              services:
                orders: {identity: spiffe://shop.example/sa/orders}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment}
            spec: {service: payment, routes: {charge: {match: POST /charges, allow: {a: {from: orders, user: none%s}}}}}
            """;

    /** What the rule says beside its caller. */
    @Param({"", ", when: \"int(request.headers['x-amount-cents']) <= 500000\"", ", headers: {x-amount-cents: \"1999\"}"
    })
    public String condition;

    private PolicySet policy;
    private GivenFacts facts;

    /** Compiles the condition; not measured. */
    @Setup
    public void compile() throws InvalidDocumentException {
        WorkingTree tree =
                WorkingTree.load(List.of(new Source("bench.yaml", DOCUMENTS.formatted(condition))), BigPolicy.NOW);
        policy = PolicySet.compile(tree.set(), "payment");
        facts = GivenFacts.of(
                        Optional.of(tree.set().mesh().services().get("orders").identity()), "POST", "/charges")
                .with(Map.of("x-amount-cents", List.of("1999")));
    }

    /** The rule holds. */
    @Benchmark
    public Decision decide() {
        return policy.decide(facts, BigPolicy.NOW);
    }
}
