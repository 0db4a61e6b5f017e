package dev.sallyport.proxy.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SeldomWantedTest {
    private final AtomicLong nanos =
            new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may pass through the end of its range
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final SeldomWanted wanted = new SeldomWanted(nanos::get);

    @BeforeEach
    void tell() {
        wanted.tell(told::add);
    }

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void firstWordOfEachIssuerInHalfAMinuteIsPassedOn() {
        wanted.wanted("shop");
        wanted.wanted("shop");
        wanted.wanted("staff");
        assertThat(told).containsExactly("shop", "staff");
        pass(29);
        wanted.wanted("shop");
        assertThat(told).hasSize(2);
        pass(1);
        wanted.wanted("shop");
        wanted.wanted("shop");
        assertThat(told).containsExactly("shop", "staff", "shop");
    }

    @Test
    void loopsThatSeeOneAtTheSameMomentPassOnOne() throws Exception {
        for (int round = 0; round < 20; round++) {
            told.clear();
            List<Thread> loops = IntStream.range(0, 8)
                    .mapToObj(_ -> Thread.ofPlatform().start(() -> {
                        for (int i = 0; i < 1000; i++) {
                            wanted.wanted("shop");
                        }
                    }))
                    .toList();
            for (Thread loop : loops) {
                loop.join();
            }
            assertThat(told).containsExactly("shop");
            pass(30);
        }
    }

    @Test
    void namesAreBoundedAndThoseOfLongAgoMakeRoom() {
        for (int i = 0; i < SeldomWanted.ISSUERS_MAX + 10; i++) {
            wanted.wanted("issuer" + i);
        }
        assertThat(told).hasSize(SeldomWanted.ISSUERS_MAX);
        pass(30);
        wanted.wanted("shop");
        assertThat(told).hasSize(SeldomWanted.ISSUERS_MAX + 1).endsWith("shop");
    }

    @Test
    void beforeAnybodyListensNothingHappens() {
        new SeldomWanted(nanos::get).wanted("shop");
        assertThat(told).isEmpty();
    }
}
