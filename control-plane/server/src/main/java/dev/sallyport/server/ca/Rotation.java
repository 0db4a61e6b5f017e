package dev.sallyport.server.ca;

import dev.sallyport.server.ca.Phase.Side;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A rotation as it is stored. {@code changedAt}: when it entered its phase; {@code excluded}: for whom gates do not wait, as {@code service}, {@code service/instance} or SPIFFE ID;
 * {@code problem}: why it does not go on now; {@code because}: why it was aborted.
 */
record Rotation(
        int id,
        Subject subject,
        int from,
        int to,
        Phase phase,
        Instant changedAt,
        String startedBy,
        Instant startedAt,
        boolean emergency,
        Set<String> excluded,
        Optional<String> problem,
        Optional<String> because) {
    Rotation {
        excluded = Set.copyOf(excluded);
    }

    int number(Side side) {
        return switch (side) {
            case FROM -> from;
            case TO -> to;
        };
    }
}
