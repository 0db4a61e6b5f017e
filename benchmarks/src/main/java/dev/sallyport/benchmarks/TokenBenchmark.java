package dev.sallyport.benchmarks;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.proxy.token.TokenResult;
import java.text.ParseException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A user's own ES256 token in the head of a request: one that was verified before, ones that were not, and what Nimbus alone needs for the same. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class TokenBenchmark {
    private final TokensInTurn one = new TokensInTurn("shop", 1);
    private final TokensInTurn many = new TokensInTurn("shop", TokensInTurn.MORE_THAN_REMEMBERED);
    private JWSVerifier nimbus;

    /** As a sidecar does it once for each key. */
    @Setup
    public void read() throws JOSEException {
        nimbus = new ECDSAVerifier(many.publicKey());
    }

    /** Its digest, and what it proved. */
    @Benchmark
    public TokenResult cachedToken() {
        return one.verify();
    }

    /** All checks, and the older half of the memory makes room. */
    @Benchmark
    public TokenResult firstSeenToken() {
        return many.verify();
    }

    /** Parsing and signature, no other check: nobody can do with less. */
    @Benchmark
    public SignedJWT nimbusAlone() throws ParseException, JOSEException {
        SignedJWT token = SignedJWT.parse(many.text());
        if (!token.verify(nimbus)) {
            throw new IllegalStateException("signature (expected: a good one)");
        }
        return token;
    }
}
