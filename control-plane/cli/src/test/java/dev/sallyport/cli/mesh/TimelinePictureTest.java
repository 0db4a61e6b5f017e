package dev.sallyport.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimelinePictureTest {
    private static final Instant START = Instant.parse("2027-03-01T12:00:00Z");
    private static final Instant SINCE = START.minus(Duration.ofDays(7));

    private static Instant at(long hours) {
        return START.plus(Duration.ofHours(hours));
    }

    private static TimelinePicture.Bar bar(
            String label, long issued, long ends, Optional<Long> replaced, Optional<Long> revoked) {
        return new TimelinePicture.Bar(
                label,
                at(issued),
                at(ends),
                replaced.map(TimelinePictureTest::at),
                revoked.map(TimelinePictureTest::at));
    }

    @Test
    void eachCertificateIsALineFromItsIssueToItsEnd() {
        List<String> lines = new TimelinePicture(
                        List.of(
                                bar("/sa/back aa01", 0, 24, Optional.of(12L), Optional.empty()),
                                bar("/sa/back bb02", 12, 36, Optional.empty(), Optional.empty()),
                                bar("/sa/payment cc03", 6, 30, Optional.empty(), Optional.of(15L)),
                                bar("/sa/web dd04", 2, 18, Optional.empty(), Optional.empty()),
                                bar("/sa/web ee05", 40, 59, Optional.of(50L), Optional.of(55L))),
                        SINCE,
                        at(45))
                .lines();
        assertThat(String.join("\n", lines)).isEqualTo("""
                                  2027-03-01 12:00Z                          2027-03-03 23:00Z
                /sa/back aa01     ┣━━━━━━━━━━━╋───────────┫                    ┊
                /sa/back bb02                 ┣━━━━━━━━━━━━━━━━━━━━━━━┫        ┊
                /sa/payment cc03        ┣━━━━━━━━✗                             ┊
                /sa/web dd04        ┣━━━━━━━━━━━━━━━┫                          ┊
                /sa/web ee05                                              ┣━━━━━━━━━╋────✗
                                  ┣ issued  ━ in use  ╋ renewed  ─ replaced, still valid  ✗ revoked  ┫ ends  ┊ now""");
    }

    @Test
    void whatBeganBeforeThePictureHasNoBeginningInIt() {
        List<String> lines =
                new TimelinePicture(List.of(bar("a", 0, 30, Optional.of(1L), Optional.empty())), at(6), at(24)).lines();
        assertThat(lines.get(1)).startsWith("a  ───").endsWith("┫").doesNotContain("┣", "╋", "━");
    }

    @Test
    void revocationAfterTheEndIsNone() {
        List<String> lines = new TimelinePicture(
                        List.of(bar("a", 0, 10, Optional.of(11L), Optional.of(12L))), SINCE, at(20))
                .lines();
        assertThat(lines.get(1)).contains("┣━", "┫").doesNotContain("✗", "╋", "─");
    }

    @Test
    void oneMomentIsAPicture() {
        assertThat(new TimelinePicture(List.of(bar("a", 0, 0, Optional.empty(), Optional.empty())), SINCE, at(0))
                        .lines())
                .hasSize(3);
    }
}
