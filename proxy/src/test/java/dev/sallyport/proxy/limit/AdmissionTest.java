package dev.sallyport.proxy.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // As System.nanoTime may be: it wraps.
    private final AtomicLong direct = new AtomicLong();
    private final AtomicLong heap = new AtomicLong();
    private final AtomicLong collections = new AtomicLong();
    private final Memory memory = new Memory(direct::get, heap::get, 85, collections::incrementAndGet, nanos::get);
    private final Admission admission = new Admission(100, memory, nanos::get);

    private long admitted(int asked) {
        return IntStream.range(0, asked).filter(_ -> admission.handshake()).count();
    }

    @Test
    void burstOfOneSecondIsAdmittedAndNoMore() {
        assertThat(admitted(300)).isEqualTo(100);
        assertThat(admitted(300)).isZero();
    }

    @Test
    void soManyASecondAreAdmittedFromThenOn() {
        admitted(300);
        nanos.addAndGet(Duration.ofMillis(250).toNanos());
        assertThat(admitted(300)).isEqualTo(25);
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(admitted(300))
                .as("an idle hour saves up no more than a second")
                .isEqualTo(100);
    }

    @Test
    void scarceMemoryShedsUntilItIsFreeAgain() {
        assertThat(admission.shedding()).isFalse();
        for (AtomicLong scarce : new AtomicLong[] {direct, heap}) {
            scarce.set(84);
            memory.sample();
            assertThat(admission.shedding()).isFalse();
            scarce.set(85);
            memory.sample();
            assertThat(admission.shedding()).isTrue();
            scarce.set(10);
            memory.sample();
            assertThat(admission.shedding()).isFalse();
        }
    }

    @Test
    void scarceHeapAsksForACollectionNowAndThenSoThatSheddingEnds() {
        heap.set(90);
        memory.sample();
        memory.sample();
        assertThat(collections).hasValue(1);
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        memory.sample();
        assertThat(collections).hasValue(2);
        heap.set(10);
        direct.set(99);
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        memory.sample();
        assertThat(collections)
                .as("no collection frees direct memory that is in use")
                .hasValue(2);
    }

    @Test
    void memoryOfThisProcessCanBeAsked() {
        Memory process = Memory.ofProcess(99);
        process.sample();
        assertThat(process.scarce()).isFalse();
    }
}
