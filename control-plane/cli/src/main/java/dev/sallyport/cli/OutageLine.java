package dev.sallyport.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One line of the outage budget that the control plane's status has: what happens if one part died now. {@code first}: when the first workload fails. */
public record OutageLine(String text, Instant first) {
    /** A line for the control plane, and one for Vault where it signs; none while nothing runs. */
    public static List<OutageLine> of(JsonNode status, Instant now) {
        JsonNode budget = status.path("outageBudget");
        List<OutageLine> lines = new ArrayList<>();
        for (JsonNode outage : budget.path("outages")) {
            JsonNode failed = outage.path("first");
            Times.parse(failed.path("at").asText(""))
                    .ifPresent(first -> lines.add(new OutageLine(
                            "if " + who(outage.path("lost").asText()) + " died now, "
                                    + failed.path("identity").asText() + " "
                                    + failed.path("instance").asText() + " would fail first, "
                                    + Times.relative(first, now) + " (end of its "
                                    + failed.path("lacks").asText() + "), half of "
                                    + Counted.of(budget.path("workloads").asLong(), "workload") + " "
                                    + Times.relative(outage.at("/half/at").asText(""), now),
                            first)));
        }
        return lines;
    }

    private static String who(String lost) {
        return switch (lost) {
            case "control-plane" -> "the control plane";
            case "vault" -> "Vault";
            default -> lost;
        };
    }
}
