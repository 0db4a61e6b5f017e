package dev.sallyport.proxy.carry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class JourneysTest {
    private final Journeys journeys = new Journeys(2);
    private final Journey first = Crowd.journey(1);
    private final Journey second = Crowd.journey(2);
    private final Journey third = Crowd.journey(3);

    @Test
    void journeyIsFoundByItsHandleAndItsSpanUntilItEnds() {
        assertThat(journeys.begin(first)).isTrue();
        assertThat(journeys.of(first.handle())).isSameAs(first);
        assertThat(journeys.of(first.span())).isSameAs(first);
        assertThat(journeys.of(second.handle())).isNull();
        assertThat(journeys.of(second.span())).isNull();
        journeys.end(first);
        assertThat(journeys.of(first.handle())).isNull();
        assertThat(journeys.of(first.span())).isNull();
        assertThat(journeys.size()).isZero();
    }

    @Test
    void beyondTheBoundNobodyBeginsUntilOneEnds() {
        journeys.begin(first);
        journeys.begin(second);
        assertThat(journeys.begin(third)).isFalse();
        assertThat(journeys.of(third.handle())).isNull();
        assertThat(journeys.of(third.span())).isNull();
        assertThat(journeys.size()).isEqualTo(2);
        journeys.end(third);
        assertThat(journeys.size()).isEqualTo(2);
        journeys.end(first);
        assertThat(journeys.begin(third)).isTrue();
        assertThat(journeys.of(third.handle())).isSameAs(third);
    }

    @Test
    void oneThatEndsTwiceMakesRoomForOne() {
        journeys.begin(first);
        journeys.begin(second);
        journeys.end(first);
        journeys.end(first);
        assertThat(journeys.begin(third)).isTrue();
        assertThat(journeys.begin(first)).isFalse();
    }

    @Test
    void boundHoldsAndNothingIsLeftWhenManyComeAndGoAtOnce() throws Exception {
        Journeys few = new Journeys(3);
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int thread = 0; thread < 4; thread++) {
                long from = thread * 5_000L;
                all.add(threads.submit(() -> {
                    for (long i = from; i < from + 5_000; i++) {
                        Journey journey = Crowd.journey(i);
                        if (few.begin(journey)) {
                            assertThat(few.of(journey.handle())).isSameAs(journey);
                            few.end(journey);
                        } else {
                            assertThat(few.of(journey.handle())).isNull();
                        }
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(few.size()).isZero();
        assertThat(few.begin(first) && few.begin(second) && few.begin(third)).isTrue();
    }
}
