package dev.sallyport.benchmarks;

import dev.sallyport.benchmarks.pair.TokenMesh;
import dev.sallyport.contract.HopToken;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.token.HopSigner;
import dev.sallyport.proxy.token.HopVerifier;
import dev.sallyport.proxy.token.TokenResult;
import dev.sallyport.proxy.token.Voucher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

/** The token with which a user goes on from the service that verified it: made there, and verified by the next one, which has seen the signer's certificate before. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class HopTokenBenchmark {
    private final Mesh mesh = TokenMesh.mesh();
    private final Instant start = Instant.now();
    private final Voucher[] vouchers;
    private final RequestHead[] heads;
    private HopSigner signer;
    private HopVerifier verifier;
    private SpiffeId caller;
    private Instant later = start;
    private int signed;
    private int at;

    /** With more than a verifier remembers. */
    public HopTokenBenchmark() {
        this(TokensInTurn.MORE_THAN_REMEMBERED);
    }

    HopTokenBenchmark(int tokens) {
        vouchers = new Voucher[tokens];
        heads = new RequestHead[tokens];
    }

    /** Certificates, a signer, a verifier and what the one signed for the other. */
    @Setup
    public void sign() throws Exception {
        Path folder = Files.createTempDirectory("hop-token-benchmark");
        TokenMesh.write(folder);
        SvidPublisher publisher = new SvidPublisher();
        X509Svid svid = X509Svid.ofPem(read(folder, "backend.pem"), read(folder, "backend.key"));
        publisher.publish(svid, List.of(TrustBundle.ofPem(mesh.trustDomain(), read(folder, "ca.pem"))));
        for (String file : List.of("backend.pem", "backend.key", "ca.pem")) {
            Files.delete(folder.resolve(file));
        }
        caller = svid.id();
        TokensInTurn users = new TokensInTurn("travel", vouchers.length);
        signer = new HopSigner(
                publisher.source(), () -> Optional.of(new HopSigner.Ground(mesh, users.issuers())), "backend");
        verifier = new HopVerifier(publisher.source(), new SvidVerifier(publisher.source(), Clock.systemUTC()));
        for (int i = 0; i < vouchers.length; i++) {
            vouchers[i] = users.verify().voucher().orElseThrow();
        }
        for (int i = 0; i < heads.length; i++) {
            String token = new String(signHopToken().ascii(), StandardCharsets.US_ASCII);
            heads[i] = TokensInTurn.head(HopToken.FIELD + ": " + token + "\r\n");
        }
        verify(0);
    }

    private static String read(Path folder, String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    private TokenResult verify(int number) {
        TokenResult result = verifier.verify(heads[number], caller, mesh, () -> true, start);
        if (!(result.fact() instanceof UserFact.Verified)) {
            throw new IllegalStateException("hop token: " + result.fact() + " (expected: verified)");
        }
        return result;
    }

    /** Once for many requests of a user, when the first of them goes on. Users take turns, and with each turn the last token's life is over: none is given out twice. */
    @Benchmark
    public Voucher.HopText signHopToken() {
        if (signed == vouchers.length) {
            signed = 0;
            later = later.plus(HopToken.LIFE_MAX);
        }
        return vouchers[signed++].at(later, signer).orElseThrow();
    }

    /** Its digest, and what it proved. */
    @Benchmark
    public TokenResult cachedHopToken() {
        return verify(0);
    }

    /** All checks; its signer's chain is known. */
    @Benchmark
    public TokenResult firstSeenHopToken() {
        at = at + 1 == heads.length ? 0 : at + 1;
        return verify(at);
    }
}
