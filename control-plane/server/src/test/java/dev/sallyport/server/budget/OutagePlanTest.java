package dev.sallyport.server.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutagePlanTest {
    private static OutagePlan plan(String leafLife, String minimum) {
        return OutagePlan.of(Duration.parse(leafLife), Map.of(), Optional.of(Duration.parse(minimum)));
    }

    @Test
    void aQuarterOfTheLeafIsLeftAtTheLatestRenewal() {
        assertThat(plan("PT24H", "PT1H").shortest()).isEqualTo(Duration.ofHours(6));
        assertThat(plan("PT1H", "PT1H").shortest()).isEqualTo(Duration.ofMinutes(15));
    }

    @Test
    void halfOfASnapshotIsLeftWhenTheNextIsIssued() {
        assertThat(plan("P7D", "PT1H").shortest()).isEqualTo(Duration.ofHours(12));
    }

    @Test
    void aMinimumThatTheSettingsKeepIsAccepted() {
        assertThat(plan("PT24H", "PT6H").problem()).isEmpty();
        assertThat(OutagePlan.of(Duration.ofSeconds(10), Map.of(), Optional.empty())
                        .problem())
                .isEmpty();
    }

    @Test
    void aMinimumAboveWhatALeafHasLeftIsAProblemThatNamesTheLifeNeeded() {
        assertThat(plan("PT24H", "PT6H0.001S").problem()).isPresent();
        assertThat(plan("PT24H", "PT8H").problem())
                .contains("PT8H (expected: <= PT6H, what is left of a leaf of PT24H when its renewal is due;"
                        + " or leafLife >= PT32H)");
    }

    @Test
    void theShortestLifeOfAnyServiceCounts() {
        Map<String, Duration> lives = Map.of("payment", Duration.ofHours(1), "orders", Duration.ofDays(3));
        Optional<Duration> minimum = Optional.of(Duration.ofHours(6));
        assertThat(OutagePlan.of(Duration.ofDays(1), lives, minimum).problem())
                .hasValueSatisfying(why -> assertThat(why).contains("PT15M", "or leafLives.payment >= PT24H"));
        assertThat(OutagePlan.of(Duration.ofDays(1), Map.of("orders", Duration.ofDays(3)), minimum)
                        .problem())
                .isEmpty();
    }

    @Test
    void noLeafLifeHelpsAgainstTheEndOfASnapshot() {
        assertThat(plan("P7D", "PT13H").problem())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("PT13H", "PT12H", "policy snapshot")
                        .doesNotContain("leafLife"));
    }
}
