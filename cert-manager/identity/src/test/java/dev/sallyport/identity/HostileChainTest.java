package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sallyport.identity.Forge.Holder;
import dev.sallyport.identity.HostileChains.Hostile;
import java.lang.management.ManagementFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a chain may cost that was made to cost much, by a stranger or by an authority that is trusted for a domain of its own. Event loops verify: what takes long here stops
 * everybody's requests. Compared with a sound chain in the same run, in CPU time and bytes of this thread.
 */
class HostileChainTest {
    private static final Clock CLOCK = Clock.fixed(Forge.NOW, ZoneOffset.UTC);
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Sixteen roots of one name cost sixteen signatures, a sound chain costs one; nothing costs more. */
    private static final int CPU_RATIO_MAX = 30;

    private static final long BYTES_MAX = 4 << 20;

    private static long soundCpuNanos;

    /** {@code outcome} is the identity, or the refusal. */
    private record Cost(long cpuNanos, long bytes, String outcome) {}

    @BeforeAll
    static void measureASoundChain() throws Exception {
        Hostile sound = HostileChains.sound();
        measure(sound, 200); // The compiler's work is not the chain's.
        Cost cost = measure(sound, 50);
        assertThat(cost.outcome()).isEqualTo(HostileChains.ID);
        soundCpuNanos = cost.cpuNanos();
    }

    static Stream<Hostile> hostileChains() throws Exception {
        return HostileChains.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileChains")
    void costIsBounded(Hostile hostile) throws Exception {
        Cost cost = measure(hostile, 5);
        assertThat(cost.outcome()).contains(hostile.outcome());
        assertThat(cost.cpuNanos())
                .as("CPU time, ns, of which a sound chain takes %d", soundCpuNanos)
                .isLessThan(CPU_RATIO_MAX * soundCpuNanos);
        assertThat(cost.bytes()).as("bytes allocated").isLessThan(BYTES_MAX);
    }

    /** The cheapest of several: what the collector or the compiler did in between is not the chain's. */
    private static Cost measure(Hostile hostile, int times) throws Exception {
        SvidPublisher publisher = new SvidPublisher(CLOCK);
        publisher.publishBundles(List.of(hostile.bundle()));
        Cost least = new Cost(Long.MAX_VALUE, Long.MAX_VALUE, "never run");
        for (int i = 0; i < times; i++) {
            SvidVerifier verifier = new SvidVerifier(publisher.source(), CLOCK);
            List<X509Certificate> chain =
                    Stream.of(hostile.chain().make()).map(Holder::certificate).toList();
            long bytes = THREAD.getCurrentThreadAllocatedBytes();
            long nanos = THREAD.getCurrentThreadCpuTime();
            String outcome = outcome(verifier, chain);
            nanos = THREAD.getCurrentThreadCpuTime() - nanos;
            bytes = THREAD.getCurrentThreadAllocatedBytes() - bytes;
            least = new Cost(Math.min(nanos, least.cpuNanos()), Math.min(bytes, least.bytes()), outcome);
        }
        return least;
    }

    private static String outcome(SvidVerifier verifier, List<X509Certificate> chain) {
        try {
            return verifier.verify(chain).toString();
        } catch (SvidRejectedException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
