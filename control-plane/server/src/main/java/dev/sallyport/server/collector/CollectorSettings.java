package dev.sallyport.server.collector;

import java.nio.file.Path;
import java.util.List;

/** {@code folder}: {@code <state>/audit}; {@code origin}: the log's name for good; {@code quorum}: how many of the witnesses must cosign before a checkpoint is published. */
public record CollectorSettings(Path folder, String origin, List<WitnessAddress> witnesses, int quorum) {
    public CollectorSettings {
        witnesses = List.copyOf(witnesses);
    }
}
