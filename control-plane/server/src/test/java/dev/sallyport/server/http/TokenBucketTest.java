package dev.sallyport.server.http;

import static org.assertj.core.api.Assertions.assertThat;

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

    private static int taken(TokenBucket bucket) {
        int taken = 0;
        while (bucket.take()) {
            taken++;
        }
        return taken;
    }
}
