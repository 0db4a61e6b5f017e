package dev.sallyport.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.UserFact;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HopTokenBenchmarkTest {
    /** A signer that gave out a token twice would be measured without its signatures. */
    @Test
    void eachTokenIsSignedAnewAndTheNextServiceTakesThem() throws Exception {
        HopTokenBenchmark benchmark = new HopTokenBenchmark(100);
        benchmark.sign();
        Set<String> tokens = new HashSet<>();
        for (int i = 0; i < 250; i++) {
            byte[] token = benchmark.signHopToken().ascii();
            assertThat(token.length).isBetween(1000, 1300);
            tokens.add(new String(token, java.nio.charset.StandardCharsets.US_ASCII));
        }
        assertThat(tokens).hasSize(250);
        assertThat(benchmark.firstSeenHopToken().fact()).isInstanceOf(UserFact.Verified.class);
    }
}
