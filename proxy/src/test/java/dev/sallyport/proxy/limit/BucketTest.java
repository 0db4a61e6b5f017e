package dev.sallyport.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.RoutePolicy.Limit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BucketTest {
    private static final Bucket.Key ONE_A_SECOND = new Bucket.Key(
            "payment/charge", new Limit(1, Duration.ofSeconds(1), 1, Limit.Per.ROUTE), new Counted.Everyone());
    private static final long SECOND = 1_000_000_000;

    private final Bucket bucket = new Bucket(ONE_A_SECOND, 0);

    @Test
    void whoHoldsARetiredBucketHearsItAndCountsElsewhere() {
        assertThat(bucket.retire(SECOND)).isTrue();
        assertThat(bucket.take(SECOND)).isEqualTo(Bucket.GONE);
        assertThat(bucket.take(100 * SECOND)).isEqualTo(Bucket.GONE);
    }

    @Test
    void bucketInUseIsNotRetired() {
        assertThat(bucket.retire(SECOND - 1)).isFalse();
        assertThat(bucket.take(SECOND - 1)).isEqualTo(1);
        assertThat(bucket.take(SECOND)).isEqualTo(Bucket.TAKEN);
    }
}
