package dev.sallyport.proxy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RoomTest {
    private static final long MEBIBYTE = 1 << 20;

    private final AtomicLong used = new AtomicLong(28 * MEBIBYTE);
    private final AtomicInteger collections = new AtomicInteger();
    private final Room room = new Room(128 * MEBIBYTE, used::get, collections::incrementAndGet);

    @Test
    void whatFitsIsTakenWithoutACollection() {
        assertThat(room.problem(100 * MEBIBYTE / Room.HEAP_BYTES_EACH)).isEmpty();
        assertThat(collections).hasValue(0);
    }

    @Test
    void whatDoesNotFitIsRefusedWithWhatItTakesAndWhatIsLeft() {
        assertThat(room.problem(4 * MEBIBYTE))
                .hasValueSatisfying(problem ->
                        assertThat(problem).contains("4194304 bytes", "112 MiB", "<= 100 MiB", "of 128 MiB"));
        assertThat(collections).hasValue(1);
    }

    @Test
    void garbageTakesNoRoom() {
        Room collected = new Room(128 * MEBIBYTE, used::get, () -> used.set(8 * MEBIBYTE));
        assertThat(collected.problem(4 * MEBIBYTE)).isEmpty();
    }
}
