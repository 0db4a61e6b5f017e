package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    @Test
    void aBurstThenARateAndNeverMoreThanTheBurst() {
        AtomicLong now = new AtomicLong(-5);
        TokenBucket bucket = new TokenBucket(2, 3, now::get);
        assertThat(taken(bucket)).isEqualTo(3);
        now.addAndGet(499_000_000);
        assertThat(taken(bucket)).isZero();
        now.addAndGet(2_000_000);
        assertThat(taken(bucket)).isEqualTo(1);
        now.addAndGet(60_000_000_000L);
        assertThat(taken(bucket)).isEqualTo(3);
    }

    @Test
    void whatIsReservedIsLeftAndTheWaitIsSaid() {
        AtomicLong now = new AtomicLong();
        TokenBucket bucket = new TokenBucket(2, 3, now::get);
        assertThat(bucket.takeAbove(2)).isEmpty();
        assertThat(bucket.takeAbove(2)).contains(Duration.ofMillis(500));
        assertThat(bucket.take()).as("those for whom it is reserved").isTrue();
        bucket.giveBack();
        now.addAndGet(500_000_000);
        assertThat(bucket.takeAbove(2)).isEmpty();
    }

    private static int taken(TokenBucket bucket) {
        int taken = 0;
        while (bucket.take()) {
            taken++;
        }
        return taken;
    }
}
