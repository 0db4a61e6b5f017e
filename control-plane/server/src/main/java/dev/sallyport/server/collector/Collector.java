package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.TileStore;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import dev.sallyport.server.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The collector as the rest of the control plane sees it. Any thread; blocks. */
public final class Collector implements AutoCloseable {
    private static final int STREAMS_SHOWN = 10_000;

    private final CollectorParts parts;
    private final SealCheck seals;
    private final Surroundings surroundings;
    private final Counts counts;

    private Collector(CollectorParts parts, Surroundings surroundings, Clock clock, MeterRegistry metrics) {
        this.parts = parts;
        this.surroundings = surroundings;
        this.seals = new SealCheck(surroundings::bundle, surroundings::instanceOf, clock);
        this.counts = new Counts(metrics);
    }

    /** IOException: another process has the folder, or what is there is damaged; the message says what to do. */
    public static Collector open(
            CollectorSettings settings, Surroundings surroundings, Store store, Clock clock, MeterRegistry metrics)
            throws IOException {
        return open(settings, surroundings, store, clock, metrics, tiles -> tiles);
    }

    /** {@code between}: what stands before the folder in tests. */
    static Collector open(
            CollectorSettings settings,
            Surroundings surroundings,
            Store store,
            Clock clock,
            MeterRegistry metrics,
            UnaryOperator<TileStore> between)
            throws IOException {
        CollectorParts parts = CollectorParts.open(settings, surroundings, store, clock, between);
        Collector collector = new Collector(parts, surroundings, clock, metrics);
        CollectorMetrics.register(metrics, collector, clock);
        parts.start();
        return collector;
    }

    /** Takes a sealed batch that {@code peer} brought over its own connection. */
    public Answer take(byte[] body, SpiffeId peer) throws BatchRefusedException {
        try {
            VerifiedBatch batch = seals.verify(body, peer);
            refuseOthersName(batch);
            Answer answer = parts.sequencer().take(batch);
            counts.answered(answer, batch.lines().size());
            return answer;
        } catch (BatchRefusedException e) {
            counts.refused(e.reason());
            throw e;
        }
    }

    /** A stream that is there is bound to its identity, whatever became of the service; a new one must carry the service's own name. */
    private void refuseOthersName(VerifiedBatch batch) throws BatchRefusedException {
        if (!surroundings
                        .serviceOf(batch.identity())
                        .equals(Optional.of(batch.stream().service()))
                && !parts.knows(batch.stream().text())) {
            throw new BatchRefusedException(
                    Reason.STREAM,
                    "stream: of service " + batch.stream().service() + " (expected: the service of " + batch.identity()
                            + ")");
        }
    }

    /** A body that was turned away before it was read. */
    public void turnedAway() {
        counts.refused(Reason.BUSY);
    }

    public AuditRecords records() {
        return parts.records();
    }

    public Findings findings() {
        return parts.findings();
    }

    /** Where policies are kept beside the log. */
    public PolicyArchive policies() {
        return parts.policies();
    }

    /** What was removed, and where it says so. */
    public record Pruned(long from, long below, long receipt) {}

    /** Removes entries before an index. Empty: there is nothing to remove. IOException: nothing was removed, or not all. */
    public Optional<Pruned> pruneBelow(long index, String person) throws IOException, BatchRefusedException {
        long published = parts.publication().published().map(Checkpoint::size).orElse(0L);
        return parts.prune()
                .below(index, published, person)
                .map(done -> new Pruned(done.from(), done.below(), done.receipt()));
    }

    /** As {@link #pruneBelow}, entries that came before {@code time}. */
    public Optional<Pruned> pruneBefore(Instant time, String person) throws IOException, BatchRefusedException {
        return pruneBelow(parts.prune().firstSince(time), person);
    }

    long pending() {
        return parts.pending().leaves();
    }

    boolean failing() {
        return parts.problem().isPresent();
    }

    /** Since the published checkpoint was signed; empty before the first of this start. */
    Optional<Duration> checkpointAge(Instant now) {
        return signedAt().map(at -> Duration.between(at, now));
    }

    private Optional<Instant> signedAt() {
        return Optional.of(parts.publication().publishedAt()).filter(at -> at.isAfter(Instant.EPOCH));
    }

    long publishedSize() {
        return parts.publication().published().map(Checkpoint::size).orElse(0L);
    }

    int cosigned() {
        return parts.publication().last().map(round -> round.cosigned().size()).orElse(0);
    }

    int quorum() {
        return parts.publication().quorum();
    }

    public CollectorStatus status() {
        Publication publication = parts.publication();
        return new CollectorStatus(
                parts.origin(),
                parts.keys(),
                records().size(),
                pending(),
                records().oldest(),
                publication
                        .published()
                        .map(published -> new CollectorStatus.Published(
                                published.size(), published.root().toString(), signedAt())),
                new CollectorStatus.Witnesses(
                        publication.witnesses().stream()
                                .map(WitnessAddress::name)
                                .toList(),
                        publication.quorum(),
                        publication.last().map(Publication.Round::cosigned).orElse(List.of()),
                        publication.last().map(Publication.Round::problems).orElse(List.of())),
                streams(),
                findings().open(),
                parts.problem());
    }

    private List<CollectorStatus.Stream> streams() {
        return parts.streams().all().stream()
                .sorted(Comparator.comparing(state -> state.name().text()))
                .limit(STREAMS_SHOWN)
                .map(state -> new CollectorStatus.Stream(
                        state.name().text(),
                        state.identity().toString(),
                        state.last(),
                        state.since(),
                        state.newest(),
                        state.ended()))
                .toList();
    }

    /** What was taken is made part of the log; the last checkpoint is published if that takes no witness. */
    @Override
    public void close() {
        parts.close();
    }
}
