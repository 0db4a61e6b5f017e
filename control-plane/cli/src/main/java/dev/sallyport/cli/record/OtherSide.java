package dev.sallyport.cli.record;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** The record that the sidecar at the other end of a call wrote: of the same trace and the same pair, the other direction, nearest in time. */
record OtherSide(CollectedRecords records) {
    /** A trace may be as long as somebody likes. */
    private static final String LIMIT = "200";

    /** One or none. */
    List<RecordRow> of(RecordRow row) throws CliException {
        String direction = switch (row.text("direction")) {
            case "inbound" -> "outbound";
            case "outbound" -> "inbound";
            default -> "";
        };
        if (direction.isEmpty()
                || row.text("trace").isEmpty()
                || row.text("callee").isEmpty()) {
            return List.of();
        }
        Instant time = time(row);
        return records
                .search(ControlPlaneApi.query(
                        "trace",
                        row.text("trace"),
                        "direction",
                        direction,
                        "callee",
                        row.text("callee"),
                        "event",
                        "request",
                        "entries",
                        "true",
                        "limit",
                        LIMIT))
                .rows()
                .stream()
                // A caller that was not proven may be anybody.
                .filter(other -> other.text("caller").equals(row.text("caller"))
                        || row.text("caller").equals("anonymous"))
                .min(Comparator.comparing(
                        other -> Duration.between(time, time(other)).abs()))
                .stream()
                .toList();
    }

    private static Instant time(RecordRow row) {
        return Times.parse(row.text("time")).orElse(Instant.EPOCH);
    }
}
