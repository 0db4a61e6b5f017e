package dev.sallyport.benchmarks;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.policy.DocumentSet;
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

/** From the documents of a snapshot to a policy set that decides: strict reading, every check, compilation. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CompileBenchmark {
    /** Routes, each with two rules. */
    @Param({"1000", "10000"})
    public int routes;

    private String json;

    /** The text that a snapshot carries. */
    @Setup
    public void write() {
        json = BigPolicy.of(routes, 2 * routes).toJson();
    }

    /** Everything that a sidecar does with it. */
    @Benchmark
    public PolicySet readAndCompile() throws InvalidDocumentException {
        return PolicySet.compile(DocumentSet.ofJson(json), BigPolicy.SERVICE);
    }
}
