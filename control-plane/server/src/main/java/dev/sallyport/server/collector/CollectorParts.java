package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.FolderTileStore;
import dev.sallyport.audit.tlog.LogKeys;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.TileStore;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.server.store.PrivateFiles;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the collector, put together on one folder, with their periodic work. */
final class CollectorParts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CollectorParts.class);
    private static final Duration INTEGRATED_EVERY = Duration.ofSeconds(1);
    private static final Duration LOOKED_EVERY = Duration.ofSeconds(10);
    private static final Duration FORGOTTEN_EVERY = Duration.ofHours(6);
    /** Beyond any retention that people keep. */
    private static final Duration STREAMS_KEPT = Duration.ofDays(400);

    /** Integration, publication, looks: none of them waits for another. */
    private static final int TIMERS = 3;

    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    private final CollectorSettings settings;
    private final FolderTileStore folder;
    private final OneWriter tiles;
    private final TiledLog tiled;
    private final List<NoteSigner> signers;
    private final StreamTable table;
    private final Pending pending = new Pending();
    private final Streams streams = new Streams();
    private final History history;
    private final Integration integration;
    private final Publication publication;
    private final Sequencer sequencer;
    private final Findings findings;
    private final StreamWatch watch;
    private final AuthorityLeaves authorities;
    private final Prune prune;
    private final AuditRecords records;
    private final PolicyArchive policies;
    private final Clock clock;
    private final ScheduledThreadPoolExecutor timer;
    private volatile Optional<String> stuck = Optional.empty();

    static CollectorParts open(
            CollectorSettings settings,
            Surroundings surroundings,
            Store store,
            Clock clock,
            UnaryOperator<TileStore> between)
            throws IOException {
        PrivateFiles.folder(settings.folder());
        FolderTileStore folder = FolderTileStore.open(settings.folder().resolve("log"));
        try {
            return new CollectorParts(
                    settings, folder, new OneWriter(between.apply(folder)), surroundings, store, clock);
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private CollectorParts(
            CollectorSettings settings,
            FolderTileStore folder,
            OneWriter tiles,
            Surroundings surroundings,
            Store store,
            Clock clock)
            throws IOException {
        this.settings = settings;
        this.folder = folder;
        this.tiles = tiles;
        this.clock = clock;
        Path keys = settings.folder().resolve("keys");
        PrivateFiles.folder(keys);
        signers = LogKeys.log(keys.resolve("log.keys"), settings.origin());
        tiled = TiledLog.open(tiles);
        table = new StreamTable(store);
        Journal.Opened opened = Journal.open(settings.folder().resolve("journal"), tiled.size());
        integration = new Integration(tiled, pending, opened.journal(), table);
        integration.catchUp(signers.getFirst().verifier().vkey());
        table.streams().forEach(streams::put);
        for (Frame frame : opened.frames()) {
            frame.seal().ifPresent(seal -> {
                String name = seal.stream().text();
                streams.put(seal.applied(streams.find(name).or(() -> table.find(name))));
            });
        }
        pending.add(opened.frames());
        Said said = new Said();
        history = new History(tiled, pending, table);
        sequencer = new Sequencer(new Intake(streams, history, said, clock), opened.journal(), pending);
        findings = new Findings(new FindingTable(store), sequencer::record, clock);
        publication = new Publication(
                settings.origin(),
                signers,
                settings.witnesses().stream()
                        .map(witness -> new WitnessClient(witness, surroundings::post, tiled))
                        .toList(),
                settings.quorum(),
                tiles,
                clock,
                said);
        publication.refuseAnother(tiled);
        watch = new StreamWatch(surroundings::present, streams, findings, clock);
        authorities = new AuthorityLeaves(() -> counting(surroundings), store, sequencer::record, clock);
        prune = new Prune(tiled, tiles, table, sequencer::record, clock);
        records = new AuditRecords(tiled, tiles, integration, table);
        policies = new PolicyArchive(settings.folder().resolve("policy"));
        timer = new ScheduledThreadPoolExecutor(
                TIMERS, task -> Thread.ofPlatform().daemon().name("audit").unstarted(task));
    }

    private static List<AuthorityLeaves.Counting> counting(Surroundings surroundings) {
        List<X509Certificate> roots = surroundings.bundle().authorities();
        List<AuthorityLeaves.Counting> all = new ArrayList<>();
        roots.forEach(root -> all.add(new AuthorityLeaves.Counting(root, "root")));
        surroundings.intermediates().stream()
                .filter(certificate -> !roots.contains(certificate))
                .forEach(certificate -> all.add(new AuthorityLeaves.Counting(certificate, "intermediate")));
        return all;
    }

    void start() {
        sequencer.start();
        every(INTEGRATED_EVERY, "integration", this::integrate);
        every(INTEGRATED_EVERY, "publication", this::publish);
        every(LOOKED_EVERY, "look", this::look);
        every(FORGOTTEN_EVERY, "forgetting", () -> streams.forget(table.forget(clock.instant(), STREAMS_KEPT)));
    }

    private interface Work {
        void run() throws IOException, InterruptedException, BatchRefusedException;
    }

    private void every(Duration period, String what, Work work) {
        Runnable safely = () -> {
            try {
                work.run();
            } catch (BatchRefusedException e) {
                log.info("audit {} has to wait: {}", what, e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException | RuntimeException | Error e) { // A periodic task that throws is never run again.
                log.error("audit {} failed; it is tried again", what, e);
            }
        };
        timer.scheduleWithFixedDelay(safely, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void integrate() throws IOException {
        try {
            integration.round();
            stuck = Optional.empty();
        } catch (IOException | RuntimeException e) {
            boolean news = stuck.isEmpty();
            stuck = Optional.of("the log cannot be written: " + e.getMessage());
            if (news) {
                throw e;
            }
        }
    }

    private void publish() throws IOException, InterruptedException {
        if (publication.due(tiled.tree())) {
            publication.publish(tiled.tree());
        }
    }

    private void look() throws BatchRefusedException {
        authorities.look(); // First: seals that end at a new root are verified by its leaf.
        watch.look();
        findings.recordMissing();
    }

    /** Turns what the parts come upon into findings. */
    private final class Said implements Notices, Publication.Alarms {
        @Override
        public void began(StreamState stream) {
            for (StreamState other : streams.all()) {
                if (!other.ended()
                        && !other.name().equals(stream.name())
                        && other.name().service().equals(stream.name().service())
                        && other.name().instance().equals(stream.name().instance())) {
                    findings.open(
                            FindingKind.BEGAN_ANEW,
                            other.name().text(),
                            "its last record is " + other.last() + " of " + other.newest()
                                    + "; now the instance writes "
                                    + stream.name().text());
                }
            }
        }

        @Override
        public void gap(String stream, long from, long to) {
            findings.open(FindingKind.GAP, stream + " " + from + "-" + to, (to - from + 1) + " records never came");
        }

        @Override
        public void fork(String stream, long number) {
            findings.open(FindingKind.FORK, stream, "other records than those of the log, at number " + number);
        }

        @Override
        public void quorum(Optional<String> why) {
            why.ifPresentOrElse(
                    text -> findings.open(FindingKind.QUORUM, settings.origin(), text),
                    () -> findings.end(FindingKind.QUORUM, settings.origin(), "enough witnesses cosign again"));
        }

        @Override
        public void disagrees(String witness, Optional<String> why) {
            why.ifPresentOrElse(
                    text -> findings.open(FindingKind.WITNESS_DISAGREES, witness, text),
                    () -> findings.end(FindingKind.WITNESS_DISAGREES, witness, "it cosigned this log"));
        }
    }

    Optional<String> problem() {
        return sequencer.failing() ? Optional.of("the journal cannot be written") : stuck;
    }

    String origin() {
        return settings.origin();
    }

    /** To verify the log with. */
    List<String> keys() {
        return signers.stream().map(signer -> signer.verifier().vkey()).toList();
    }

    Pending pending() {
        return pending;
    }

    Streams streams() {
        return streams;
    }

    /** Whether a stream of this name has begun. */
    boolean knows(String stream) {
        return streams.find(stream).or(() -> history.state(stream)).isPresent();
    }

    Sequencer sequencer() {
        return sequencer;
    }

    Publication publication() {
        return publication;
    }

    Findings findings() {
        return findings;
    }

    Prune prune() {
        return prune;
    }

    AuditRecords records() {
        return records;
    }

    PolicyArchive policies() {
        return policies;
    }

    @Override
    public void close() {
        findings.close();
        sequencer.close();
        timer.shutdown();
        try {
            timer.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            integration.round();
            if (settings.witnesses().isEmpty()) {
                publish();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            log.error(
                    "audit: stopped with leaves that are in the journal alone; the next start brings them into the log",
                    e);
        } finally {
            closeFolder();
        }
    }

    private void closeFolder() {
        tiles.close();
        try {
            folder.close();
        } catch (IOException e) {
            // The lock ends with the process.
        }
    }
}
