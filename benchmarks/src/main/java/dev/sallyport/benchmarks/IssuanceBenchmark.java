package dev.sallyport.benchmarks;

import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Leaves of the embedded authority, one thread: a request is parsed, its proof of possession checked, a certificate made, signed and verified as a peer would. Beside it what the platform needs for one signature and for one check. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class IssuanceBenchmark {
    /** Keys of so many sidecars: no cache of keys can serve them all. */
    private static final int SIDECARS = 512;

    private static final Duration LIFE = Duration.ofHours(24);

    private final byte[][] requests = new byte[SIDECARS][];
    private final SpiffeId[] ids = new SpiffeId[SIDECARS];
    private final PublicKey[] keys = new PublicKey[SIDECARS];
    private final byte[][] signatures = new byte[SIDECARS][];
    private final byte[] content = new byte[300];
    private final KeyPair pair = CertificateSigningRequest.newKeyPair();
    private Path folder;
    private EmbeddedAuthority authority;
    private int at;

    /** An authority in a folder of its own, and a request of each sidecar. */
    @Setup
    public void prepare() throws Exception {
        folder = Files.createTempDirectory("issuance-benchmark");
        TrustDomain domain = new TrustDomain("bench.example");
        authority = EmbeddedAuthority.open(
                folder.resolve("ca"), domain, KeyEncryption.fromFile(folder.resolve("key")), Clock.systemUTC());
        for (int i = 0; i < SIDECARS; i++) {
            KeyPair sidecar = CertificateSigningRequest.newKeyPair();
            requests[i] = CertificateSigningRequest.der(sidecar);
            ids[i] = SpiffeId.parse("spiffe://bench.example/sa/service-" + i);
            keys[i] = sidecar.getPublic();
            signatures[i] = sign(sidecar);
        }
    }

    /** Leaves no key behind. */
    @TearDown
    public void remove() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private int next() {
        at = at + 1 == SIDECARS ? 0 : at + 1;
        return at;
    }

    /** The whole of it. */
    @Benchmark
    public IssuedCertificate leaf() throws IssuanceRefusedException {
        int sidecar = next();
        return authority.issue(requests[sidecar], ids[sidecar], LIFE);
    }

    /** The platform's: a leaf needs one. */
    @Benchmark
    public byte[] oneSignature() throws GeneralSecurityException {
        return sign(pair);
    }

    /** The platform's, of a key that was not used just before: a leaf needs one for the proof of possession and one to be sure of itself. */
    @Benchmark
    public boolean oneCheck() throws GeneralSecurityException {
        int sidecar = next();
        Signature check = Signature.getInstance("SHA256withECDSA");
        check.initVerify(keys[sidecar]);
        check.update(content);
        return check.verify(signatures[sidecar]);
    }

    private byte[] sign(KeyPair by) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(by.getPrivate());
        signature.update(content);
        return signature.sign();
    }
}
