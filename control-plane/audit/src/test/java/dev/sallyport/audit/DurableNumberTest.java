package dev.sallyport.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableNumberTest {
    @TempDir
    Path top;

    @Test
    void numberIsThereAgainAndOnlyRises() throws Exception {
        Path file = top.resolve("n");
        try (DurableNumber number = DurableNumber.open(file, 7)) {
            assertThat(number.value()).isEqualTo(7);
            for (long to : new long[] {8, 1_000_000, 5, 1_000_001}) {
                number.raise(to);
            }
            assertThat(number.value()).isEqualTo(1_000_001);
        }
        try (DurableNumber number = DurableNumber.open(file, 0)) {
            assertThat(number.value()).isEqualTo(1_000_001);
        }
    }

    /** Whatever a crash leaves of the sector that was written last, the one before is whole. */
    @Test
    void tornWriteLeavesTheNumberBefore() throws Exception {
        Path file = top.resolve("n");
        Random random = new Random(1);
        try (DurableNumber number = DurableNumber.open(file, 0)) {
            number.raise(41);
            byte[] before = Files.readAllBytes(file);
            number.raise(42);
            byte[] after = Files.readAllBytes(file);
            for (int cut = 0; cut < 40; cut++) {
                byte[] torn = before.clone();
                for (int i = 0; i < torn.length; i++) {
                    if (before[i] != after[i] && random.nextBoolean()) {
                        torn[i] = after[i];
                    }
                }
                Files.write(file, torn);
                assertThat(DurableNumber.read(file).orElseThrow()).isBetween(41L, 42L);
            }
        }
    }

    /** Also of the first write after a start, which must not take the sector that holds the newest number. */
    @Test
    void tornWriteAfterAStartLeavesTheNumberBefore() throws Exception {
        Path file = top.resolve("n");
        for (int raises = 1; raises <= 4; raises++) {
            Files.deleteIfExists(file);
            try (DurableNumber number = DurableNumber.open(file, 0)) {
                for (int i = 1; i <= raises; i++) {
                    number.raise(10L * i);
                }
            }
            byte[] before = Files.readAllBytes(file);
            try (DurableNumber number = DurableNumber.open(file, 0)) {
                number.raise(1000);
            }
            byte[] torn = Files.readAllBytes(file);
            for (int i = 0; i < torn.length; i++) {
                torn[i] = before[i] == torn[i] ? torn[i] : (byte) 'x';
            }
            Files.write(file, torn);
            assertThat(DurableNumber.read(file)).hasValue(10L * raises);
        }
    }

    @Test
    void fileThatNobodyCanReadIsTheOtherNumber() throws Exception {
        Path file = top.resolve("n");
        assertThat(DurableNumber.read(file)).isEmpty();
        for (String garbage : new String[] {"", "x", "0".repeat(1024), "9".repeat(19) + " 00000000\n"}) {
            Files.writeString(file, garbage);
            assertThat(DurableNumber.read(file)).isEqualTo(OptionalLong.empty());
        }
        try (DurableNumber number = DurableNumber.open(file, 3)) {
            assertThat(number.value()).isEqualTo(3);
        }
        assertThat(DurableNumber.read(file)).hasValue(3);
    }

    @Test
    void limitIsRaisedAheadOfItsUseAndNeverLate() throws Exception {
        Path file = top.resolve("limit");
        try (DurableNumber limit = DurableNumber.open(file, 0)) {
            java.util.ArrayDeque<Runnable> ahead = new java.util.ArrayDeque<>();
            HighWater highWater = new HighWater(limit, ahead::add);
            long beyond = 0;
            for (long number = 1; number <= 200_000; number++) {
                highWater.use(number);
                assertThat(limit.value()).as("before number %d is used", number).isGreaterThanOrEqualTo(number);
                beyond = Math.max(beyond, limit.value() - number);
                if (number % 3 == 0 && !ahead.isEmpty()) {
                    ahead.poll().run();
                }
            }
            assertThat(beyond).isLessThanOrEqualTo(HighWater.STEP_MAX);
            assertThat(ahead.size()).isLessThan(3);
        }
    }
}
