package dev.sallyport.server.budget;

import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.server.stream.Snapshots;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the settings promise at the worst moment: everybody whose renewal was just due has what is left of its certificate, everybody whose snapshot was just to be issued again has what is left of that. Pure.
 *
 * @param leafLife the shortest that any leaf is issued for
 * @param setting the key of the configuration that says so
 * @param minimum what the operator wants to outlive, if said
 */
public record OutagePlan(Duration leafLife, String setting, Optional<Duration> minimum) {
    /** Seconds count here; a share of them in whole milliseconds is exact enough. */
    private static final double LEFT_AT_RENEWAL = 1 - RenewalSchedule.WINDOW_TO;

    /** {@code leafLives}: by service, {@code leafLife} for all others. */
    public static OutagePlan of(Duration leafLife, Map<String, Duration> leafLives, Optional<Duration> minimum) {
        return leafLives.entrySet().stream()
                .min(Map.Entry.<String, Duration>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .filter(shortest -> shortest.getValue().compareTo(leafLife) < 0)
                .map(shortest -> new OutagePlan(shortest.getValue(), "leafLives." + shortest.getKey(), minimum))
                .orElseGet(() -> new OutagePlan(leafLife, "leafLife", minimum));
    }

    /** The outage that everybody outlives, whenever it begins, while renewals are on time. */
    public Duration shortest() {
        Duration ofLeaf = leftOfLeaf();
        return ofLeaf.compareTo(Snapshots.LEFT_AT_REISSUE) <= 0 ? ofLeaf : Snapshots.LEFT_AT_REISSUE;
    }

    /** What is wrong with the settings: a promise below the minimum, and what would keep it. */
    public Optional<String> problem() {
        return minimum.filter(wanted -> wanted.compareTo(shortest()) > 0).map(this::problem);
    }

    private String problem(Duration wanted) {
        if (wanted.compareTo(Snapshots.LEFT_AT_REISSUE) > 0) {
            return wanted + " (expected: <= " + Snapshots.LEFT_AT_REISSUE
                    + ", what is left of a policy snapshot when the next is due)";
        }
        long needed = (long) Math.ceil(wanted.toMillis() / LEFT_AT_RENEWAL / 1000);
        return wanted + " (expected: <= " + leftOfLeaf() + ", what is left of a leaf of " + leafLife
                + " when its renewal is due; or " + setting + " >= " + Duration.ofSeconds(needed) + ")";
    }

    private Duration leftOfLeaf() {
        return Duration.ofMillis(Math.round(leafLife.toMillis() * LEFT_AT_RENEWAL));
    }
}
