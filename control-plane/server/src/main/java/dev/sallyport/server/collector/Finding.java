package dev.sallyport.server.collector;

import java.time.Instant;
import java.util.Optional;

/** One thing that is or was wrong: what, with which stream or sidecar, since when; {@code resolution}: by what it ended. */
public record Finding(
        long id,
        FindingKind kind,
        String subject,
        String detail,
        Instant since,
        Optional<Instant> until,
        Optional<String> resolution) {}
