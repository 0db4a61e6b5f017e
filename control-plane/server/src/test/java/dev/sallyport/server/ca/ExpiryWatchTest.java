package dev.sallyport.server.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** At which point of a certificate's life it is said that it nears its end. */
class ExpiryWatchTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "50, 0", "51, 50", "75, 50", "76, 25", "90, 25", "91, 10", "100, 10", "120, 10"})
    void markIsTheLowestThatTheRestOfTheLifeFellBelow(int percentLived, int mark) {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        Duration life = Duration.ofDays(100);
        Instant now = start.plus(Duration.ofDays(percentLived));
        assertThat(ExpiryWatch.left(start, start.plus(life), now))
                .isEqualTo(mark == 0 ? Optional.empty() : Optional.of(mark));
    }
}
