package dev.sallyport.benchmarks;

import dev.sallyport.policy.Authority;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Relaxations;
import dev.sallyport.policy.RequestRejectedException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Set;
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

/** The canonical request of a head whose parts were found, with a Host that the connection named before, and with one that is new. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CanonicalBenchmark {
    private static final Relaxations ALL = new Relaxations(true, true, true, Set.of());
    private static final String USUAL = "/charges/ch_123/refunds?x=1";
    private static final String LONG =
            "/" + "segment.of~25-characters/".repeat(8).substring(1, 200);
    private static final String ENCODED = "/projects/group%2Fproject/caf%C3%A9;v=1/a%20b//c?x=%2f";

    /** What stands in the request line; the last needs every relaxation. */
    @Param({"usual", "200 bytes", "relaxed"})
    public String target;

    private byte[] head = {};
    private int targetEnd;
    private int hostStart;
    private Relaxations relaxed = Relaxations.NONE;
    private final Authority host = new Authority("payment.shop.example", OptionalInt.of(8080));

    /** Not measured. */
    @Setup
    public void write() {
        String written = switch (target) {
            case "usual" -> USUAL;
            case "200 bytes" -> LONG;
            default -> ENCODED;
        };
        relaxed = written.equals(ENCODED) ? ALL : Relaxations.NONE;
        head = ("POST " + written + " HTTP/1.1\r\nHost: " + host).getBytes(StandardCharsets.ISO_8859_1);
        targetEnd = 5 + written.length();
        hostStart = head.length - host.toString().length();
    }

    /** Of a connection's second request and all after it. */
    @Benchmark
    public CanonicalRequest sameHost() throws RequestRejectedException {
        return CanonicalRequest.of(head, 0, 4, 5, targetEnd, host, relaxed);
    }

    /** Of its first. */
    @Benchmark
    public CanonicalRequest newHost() throws RequestRejectedException {
        return CanonicalRequest.of(head, 0, 4, 5, targetEnd, hostStart, head.length, relaxed);
    }
}
