package dev.sallyport.server.collector;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the record stands. {@code size}: leaves in the log; {@code pending}: durable leaves that are not in it yet; {@code pruned}: the first index that is still there; {@code
 * checkpoint}: what is published; {@code problem}: why the log takes nothing, or goes on nowhere.
 */
public record CollectorStatus(
        String origin,
        List<String> keys,
        long size,
        long pending,
        long pruned,
        Optional<Published> checkpoint,
        Witnesses witnesses,
        List<Stream> streams,
        long findings,
        Optional<String> problem) {

    /** {@code at}: when it was signed; empty when that was before this start. */
    public record Published(long size, String root, Optional<Instant> at) {}

    /** {@code cosigned}: by name, of the last checkpoint that was offered. */
    public record Witnesses(List<String> configured, int quorum, List<String> cosigned, List<String> problems) {}

    /** One stream, up to its newest durable record. */
    public record Stream(String stream, String identity, long records, Instant since, Instant newest, boolean ended) {}
}
