package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.NoteSignature;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.audit.tlog.TileStore;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.audit.tlog.Tree;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs the newest tree, has it cosigned, and puts it where readers look. Without enough cosignatures the checkpoint before stays: what is published has been seen by others, so that
 * it cannot be taken back. Traffic and receipts do not wait for any of this. One thread, and one for each witness while it is asked.
 */
final class Publication {
    private static final Logger log = LoggerFactory.getLogger(Publication.class);
    /** The log lives, though nothing happens. */
    static final Duration RENEWED_EVERY = Duration.ofSeconds(60);

    /** Witnesses that cosigned need not be asked for the same every second because another one is away. */
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(5);

    /** The last round: which tree, when, by whom it was cosigned, and what went wrong with whom. */
    record Round(Tree tree, Instant at, List<String> cosigned, List<String> problems, boolean published) {}

    private final String origin;
    private final List<NoteSigner> signers;
    private final List<WitnessClient> witnesses;
    private final int quorum;
    private final TileStore store;
    private final Clock clock;
    private final Alarms alarms;
    private volatile Optional<Round> last = Optional.empty();
    private volatile Optional<Checkpoint> published;
    private volatile Instant publishedAt;

    /** Who hears of what goes wrong here. */
    interface Alarms {
        /** Fewer cosignatures than wanted; {@code why} empty: enough again. */
        void quorum(Optional<String> why);

        /** A witness has seen another log; {@code why} empty: not any more. */
        void disagrees(String witness, Optional<String> why);
    }

    Publication(
            String origin,
            List<NoteSigner> signers,
            List<WitnessClient> witnesses,
            int quorum,
            TileStore store,
            Clock clock,
            Alarms alarms)
            throws IOException {
        this.origin = origin;
        this.signers = List.copyOf(signers);
        this.witnesses = List.copyOf(witnesses);
        this.quorum = quorum;
        this.store = store;
        this.clock = clock;
        this.alarms = alarms;
        this.published = stored();
        this.publishedAt = Instant.EPOCH;
    }

    private Optional<Checkpoint> stored() throws IOException {
        Optional<byte[]> note = store.read(TilePath.CHECKPOINT);
        if (note.isEmpty()) {
            return Optional.empty();
        }
        try {
            SignedNote signed = SignedNote.parse(note.get());
            signed.verify(signers.stream().map(NoteSigner::verifier).toList());
            return Optional.of(Checkpoint.parse(signed.text()));
        } catch (InvalidNoteException e) {
            throw new IOException(
                    "audit log: its checkpoint: " + e.getMessage()
                            + " (expected: one that this log signed; do keys and log belong together?)",
                    e);
        }
    }

    /** IOException: the log is not one that begins with the published checkpoint's; whoever signed on would sign a fork of it. */
    void refuseAnother(TiledLog tiled) throws IOException {
        if (published.isPresent()) {
            Tree signed = published.get().tree();
            if (signed.size() > tiled.size() || !tiled.treeAt(signed.size()).equals(signed)) {
                throw new IOException("audit log: its tiles are not those of its checkpoint of " + signed.size()
                        + " leaves (expected: the log that was signed; restore the folder as a whole)");
            }
        }
    }

    /** What is signed and, with witnesses, cosigned; files may hold more. */
    Optional<Checkpoint> published() {
        return published;
    }

    /** When it was signed; long ago when that was before this start. */
    Instant publishedAt() {
        return publishedAt;
    }

    Optional<Round> last() {
        return last;
    }

    List<WitnessAddress> witnesses() {
        return witnesses.stream().map(WitnessClient::witness).toList();
    }

    int quorum() {
        return quorum;
    }

    /** Whether there is something to publish; after a round in vain, not at once again. */
    boolean due(Tree tree) {
        Instant now = clock.instant();
        if (last.filter(round -> !round.published() && now.isBefore(round.at().plus(AGAIN_AFTER)))
                .isPresent()) {
            return false;
        }
        boolean other = published.isEmpty() || published.get().size() != tree.size();
        return other || !now.isBefore(publishedAt.plus(RENEWED_EVERY));
    }

    void publish(Tree tree) throws IOException, InterruptedException {
        Instant now = clock.instant();
        Checkpoint checkpoint = new Checkpoint(origin, tree);
        SignedNote note = SignedNote.sign(checkpoint.text(), signers, now);
        List<NoteSignature> cosignatures = new ArrayList<>();
        List<String> cosigned = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Outcome outcome : ask(checkpoint, note)) {
            cosignatures.addAll(outcome.signatures());
            if (outcome.problem().isEmpty()) {
                cosigned.add(outcome.witness());
            }
            outcome.problem().ifPresent(problem -> problems.add(outcome.witness() + ": " + problem));
        }
        boolean enough = cosigned.size() >= quorum;
        if (enough) {
            store.write(TilePath.CHECKPOINT, note.with(cosignatures).toBytes());
            published = Optional.of(checkpoint);
            publishedAt = now;
        }
        last = Optional.of(new Round(tree, now, cosigned, problems, enough));
        alarms.quorum(
                enough
                        ? Optional.empty()
                        : Optional.of(cosigned.size() + " of " + witnesses.size() + " witnesses cosigned (expected: "
                                + quorum + "): " + String.join("; ", problems)));
    }

    private record Outcome(String witness, List<NoteSignature> signatures, Optional<String> problem) {}

    /** All at the same time, each with the deadline of a fetch. */
    private List<Outcome> ask(Checkpoint checkpoint, SignedNote note) throws InterruptedException {
        List<Outcome> outcomes = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> asked = witnesses.stream()
                    .map(client -> each.submit(() -> ask(client, checkpoint, note)))
                    .toList();
            for (Future<Outcome> answer : asked) {
                outcomes.add(answer.get());
            }
        } catch (ExecutionException e) {
            log.error("audit log: asking a witness failed", e.getCause());
        }
        return outcomes;
    }

    private Outcome ask(WitnessClient client, Checkpoint checkpoint, SignedNote note) throws InterruptedException {
        String name = client.witness().name();
        try {
            List<NoteSignature> signatures = client.cosign(checkpoint, note);
            alarms.disagrees(name, Optional.empty());
            return new Outcome(name, signatures, Optional.empty());
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage());
            if (e instanceof WitnessDisagreesException) {
                alarms.disagrees(name, Optional.of(why));
            }
            return new Outcome(name, List.of(), Optional.of(why));
        }
    }
}
