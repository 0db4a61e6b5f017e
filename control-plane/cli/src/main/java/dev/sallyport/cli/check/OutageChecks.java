package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.OutageLine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The outage budget beside what the operator demands and what the settings promise. Pure. */
final class OutageChecks {
    private static final String CATEGORY = "outage budget";
    private static final String FIX = "sallyport certs rotate --all --wait";

    private OutageChecks() {}

    static List<Check> of(JsonNode status, Instant now) {
        JsonNode budget = status.path("outageBudget");
        Duration minimum = Duration.ofSeconds(budget.path("minimumSeconds").asLong(0));
        Duration planned = Duration.ofSeconds(budget.path("plannedSeconds").asLong(0));
        return OutageLine.of(status, now).stream()
                .map(line -> judged(line, Duration.between(now, line.first()), minimum, planned))
                .toList();
    }

    private static Check judged(OutageLine line, Duration left, Duration minimum, Duration planned) {
        if (left.compareTo(minimum) < 0) {
            return Check.failed(
                    CheckCode.OUTAGE,
                    CATEGORY,
                    line.text() + ": sooner than the minimum of " + Durations.text(minimum),
                    FIX);
        }
        if (left.compareTo(planned) < 0) {
            return Check.warning(
                    CheckCode.OUTAGE,
                    CATEGORY,
                    line.text() + ": sooner than the " + Durations.text(planned)
                            + " that the settings promise, renewals are late",
                    FIX);
        }
        return Check.ok(CheckCode.OUTAGE, CATEGORY, line.text());
    }
}
