package dev.sallyport.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.RoutePolicy.Limit.Per;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.limit.LimitResult.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LimiterTest {
    private static final String ROUTE = "payment/charge";
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Counted WEB = caller("web");

    private final AtomicLong clock = new AtomicLong(-5); // as System.nanoTime may
    private final Limiter limiter = new Limiter(clock::get);

    private static SpiffeId id(String name) {
        try {
            return SpiffeId.parse("spiffe://shop.example/ns/shop/sa/" + name);
        } catch (dev.sallyport.identity.InvalidSpiffeIdException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Counted caller(String name) {
        return new Counted.Caller(id(name));
    }

    private static User user(String issuer, String subject) {
        return new User(issuer, subject, List.of(), List.of(), Map.of(), Instant.EPOCH, Instant.MAX);
    }

    private static Limit limit(int requests, Duration window, int burst) {
        return new Limit(requests, window, burst, Per.CALLER);
    }

    private static Limit perSecond(int requests, int burst) {
        return limit(requests, Duration.ofSeconds(1), burst);
    }

    private void later(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private Verdict take(Limit limit, Counted who) {
        return limiter.take(ROUTE, limit, who).verdict();
    }

    private int passing(int tries, Limit limit, Counted who) {
        int passed = 0;
        for (int i = 0; i < tries; i++) {
            passed += take(limit, who) == Verdict.WITHIN ? 1 : 0;
        }
        return passed;
    }

    @ParameterizedTest(name = "{0} a second, burst {1}: after {2} ms of quiet {3} pass at once")
    @CsvSource({"10, 3, 0, 0", "10, 3, 99, 0", "10, 3, 100, 1", "10, 3, 250, 2", "10, 3, 300, 3", "10, 3, 60000, 3"})
    void quietTimeEarnsAtMostABurst(int rate, int burst, int quietMillis, int expected) {
        assertThat(passing(10, perSecond(rate, burst), WEB)).isEqualTo(burst);
        later(Duration.ofMillis(quietMillis));
        assertThat(passing(10, perSecond(rate, burst), WEB)).isEqualTo(expected);
    }

    @Test
    void refusalNamesTheSecondsAfterWhichTheSameRequestPasses() {
        Limit twoAnHour = limit(2, Duration.ofHours(1), 1);
        assertThat(take(twoAnHour, WEB)).isEqualTo(Verdict.WITHIN);
        later(Duration.ofMillis(500));
        LimitResult refused = limiter.take(ROUTE, twoAnHour, WEB);
        assertThat(refused).isEqualTo(new LimitResult(Verdict.EXCEEDED, 1800));
        later(Duration.ofMillis(1_799_499));
        assertThat(limiter.take(ROUTE, twoAnHour, WEB)).isEqualTo(new LimitResult(Verdict.EXCEEDED, 1));
        later(Duration.ofMillis(1));
        assertThat(take(twoAnHour, WEB)).isEqualTo(Verdict.WITHIN);
    }

    @Test
    void refusedRequestsCostNothing() {
        Limit limit = perSecond(1, 1);
        assertThat(take(limit, WEB)).isEqualTo(Verdict.WITHIN);
        assertThat(passing(1000, limit, WEB)).isZero();
        later(Duration.ofSeconds(1));
        assertThat(take(limit, WEB)).isEqualTo(Verdict.WITHIN);
    }

    @Test
    void rateThatDoesNotDivideItsWindowIsRoundedDown() {
        Limit three = perSecond(3, 1);
        int passed = 0;
        for (int i = 0; i < 3_000; i++) { // three seconds, and the first request
            passed += take(three, WEB) == Verdict.WITHIN ? 1 : 0;
            later(Duration.ofMillis(1));
        }
        assertThat(passed).isLessThanOrEqualTo(1 + 9).isGreaterThan(8);
    }

    @Test
    void hugeBurstDoesNotOverflow() {
        Limit huge = limit(1, Duration.ofHours(1), Integer.MAX_VALUE);
        assertThat(passing(100_000, huge, WEB)).isEqualTo(100_000);
        assertThat(take(perSecond(Integer.MAX_VALUE, Integer.MAX_VALUE), WEB)).isEqualTo(Verdict.WITHIN);
    }

    @Test
    void callersUsersAndRoutesAreCountedApart() {
        Limit one = limit(1, Duration.ofHours(1), 1);
        Optional<User> alice = Optional.of(user("shop", "alice"));
        List<Counted> apart = List.of(
                Counted.of(Per.CALLER, id("web"), alice),
                Counted.of(Per.CALLER, id("orders"), alice),
                Counted.of(Per.USER, id("web"), alice),
                Counted.of(Per.USER, id("web"), Optional.of(user("other", "alice"))),
                Counted.of(Per.USER, id("web"), Optional.of(user("shop", "bob"))),
                Counted.of(Per.ROUTE, id("web"), alice));
        assertThat(apart).doesNotHaveDuplicates();
        for (Counted who : apart) {
            assertThat(take(one, who)).as("%s", who).isEqualTo(Verdict.WITHIN);
            assertThat(take(one, who)).as("%s again", who).isEqualTo(Verdict.EXCEEDED);
        }
        assertThat(limiter.take("payment/refund", one, WEB).verdict())
                .as("another route")
                .isEqualTo(Verdict.WITHIN);
    }

    @Test
    void whoIsCountedTogetherSharesABucket() {
        assertThat(Counted.of(Per.ROUTE, id("web"), Optional.empty()))
                .isEqualTo(Counted.of(Per.ROUTE, id("orders"), Optional.of(user("shop", "alice"))));
        assertThat(Counted.of(Per.USER, id("web"), Optional.of(user("shop", "alice"))))
                .isEqualTo(Counted.of(Per.USER, id("orders"), Optional.of(user("shop", "alice"))));
    }

    @Test
    void leavingTheTokenOutIsNoWayAroundALimitPerUser() {
        assertThat(Counted.of(Per.USER, id("web"), Optional.empty())).isEqualTo(caller("web"));
    }

    @Test
    void sameLimitOfANewSnapshotGoesOnAndAChangedOneStartsFull() {
        assertThat(passing(5, perSecond(5, 5), WEB)).isEqualTo(5);
        assertThat(take(perSecond(5, 5), WEB)).as("another instance").isEqualTo(Verdict.EXCEEDED);
        assertThat(take(perSecond(5, 6), WEB)).as("another limit").isEqualTo(Verdict.WITHIN);
    }

    @Test
    void onlyFullBucketsMakeRoomForOthers() {
        Limiter small = new Limiter(clock::get, 2);
        Limit limit = perSecond(1, 2);
        assertThat(small.take(ROUTE, limit, caller("a")).within()).isTrue();
        assertThat(small.take(ROUTE, limit, caller("a")).within()).isTrue();
        assertThat(small.take(ROUTE, limit, caller("b")).within()).isTrue();
        assertThat(small.take(ROUTE, limit, caller("c"))).isEqualTo(new LimitResult(Verdict.TABLE_FULL, 1));
        assertThat(small.take(ROUTE, limit, caller("a")).verdict())
                .as("known ones are still counted")
                .isEqualTo(Verdict.EXCEEDED);

        later(Duration.ofSeconds(1)); // b's bucket is full again, a's is not
        assertThat(small.take(ROUTE, limit, caller("c")).within()).isTrue();
        assertThat(small.size()).isEqualTo(2);
        assertThat(small.take(ROUTE, limit, caller("a")).within()).isTrue();
        assertThat(small.take(ROUTE, limit, caller("a")).verdict())
                .as("a's debt was kept")
                .isEqualTo(Verdict.EXCEEDED);
        assertThat(small.take(ROUTE, limit, caller("b")).verdict()).isEqualTo(Verdict.TABLE_FULL);
    }

    @Test
    void idleOnesGoFasterThanNewOnesCome() {
        Limiter small = new Limiter(clock::get, 1000);
        for (int i = 0; i < 100_000; i++) {
            later(Duration.ofMillis(10)); // each is idle after a second: some 100 are in use
            assertThat(small.take(ROUTE, perSecond(1, 1), caller("c" + i)).within())
                    .as("newcomer %d", i)
                    .isTrue();
        }
        assertThat(small.size()).isLessThan(200);
    }

    @Test
    void threadsTogetherPassExactlyABurst() throws Exception {
        int burst = 10_000;
        assertThat(together(4, () -> passing(5_000, limit(1, Duration.ofHours(1), burst), WEB)))
                .isEqualTo(burst);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void threadsInATableThatEvictsNeverPassMoreThanBurstAndRate(int round) throws Exception {
        AtomicLong now = new AtomicLong();
        Limiter small = new Limiter(now::get, 4);
        Limit limit = perSecond(1000, 5);
        long seconds = 20;
        int passed = together(4, () -> {
            int within = 0;
            // A tick is a quarter of the even rate's spacing: full buckets come and go all the time.
            while (now.addAndGet(SECOND / 4000) < seconds * SECOND) {
                within += small.take(ROUTE, limit, WEB).within() ? 1 : 0;
                small.take(ROUTE, limit, caller("c" + now.get() % 7));
            }
            return within;
        });
        // A thread may use a moment that it read before others moved the clock on, which makes it no richer.
        assertThat(passed).as("round %d", round).isBetween(1, (int) (5 + 1000 * seconds));
        assertThat(small.size()).isLessThanOrEqualTo(4);
    }

    private static int together(int threads, Callable<Integer> work) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Callable<Integer>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(work);
            }
            int sum = 0;
            for (Future<Integer> done : pool.invokeAll(all)) {
                sum += done.get();
            }
            return sum;
        }
    }

    /** Coins that drop into a purse: the textbook's token bucket, each key its own, nothing ever evicted. */
    private static final class Naive {
        private final Map<Bucket.Key, long[]> purses = new HashMap<>();

        boolean take(Bucket.Key key, long now) {
            long coin = key.spacingNanos();
            long full = coin * key.limit().burst();
            long[] purse = purses.computeIfAbsent(key, _ -> new long[] {full, now});
            purse[0] = Math.min(full, purse[0] + now - purse[1]);
            purse[1] = now;
            if (purse[0] < coin) {
                return false;
            }
            purse[0] -= coin;
            return true;
        }
    }

    @Test
    void agreesWithANaiveTokenBucket() {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        Naive naive = new Naive();
        List<Limit> limits =
                List.of(perSecond(3, 1), perSecond(50, 50), perSecond(7, 20), limit(5, Duration.ofMinutes(1), 2));
        int refused = 0;
        for (int i = 0; i < 300_000; i++) {
            clock.addAndGet(random.nextInt(5) == 0 ? random.nextLong(SECOND) : random.nextLong(SECOND / 200));
            Limit limit = limits.get(random.nextInt(limits.size()));
            Counted who = caller("c" + random.nextInt(20));
            boolean expected = naive.take(new Bucket.Key(ROUTE, limit, who), clock.get());
            assertThat(limiter.take(ROUTE, limit, who).within())
                    .as("seed %d, request %d", seed, i)
                    .isEqualTo(expected);
            refused += expected ? 0 : 1;
        }
        assertThat(refused).as("seed %d", seed).isBetween(1_000, 299_000);
    }
}
