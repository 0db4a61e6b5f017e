package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditFields;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong, once: a row, a line of the log, and a leaf, when it begins and when it ends. {@link #open} and {@link #end} are cheap and never block; the rows are written by a
 * thread of their own.
 */
public final class Findings implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Findings.class);
    /** Open at the same time; beyond that they are all the same news. */
    private static final int OPEN_MAX = 10_000;

    private static final int WAITING_MAX = 1024;
    private static final int LEAVES_AT_ONCE = 256;
    private static final int REASON_CHARS_MAX = 500;
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    private record Key(FindingKind kind, String subject) {}

    /** Where leaves go: durable when it returns. */
    @FunctionalInterface
    interface Leaves {
        long record(byte[] leaf) throws BatchRefusedException;
    }

    private final FindingTable table;
    private final Leaves leaves;
    private final Clock clock;
    /** By what it is; 0 while its row is being written. */
    private final Map<Key, Long> open = new ConcurrentHashMap<>();

    private final ThreadPoolExecutor writer;

    Findings(FindingTable table, Leaves leaves, Clock clock) {
        this.table = table;
        this.leaves = leaves;
        this.clock = clock;
        this.writer = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                task -> Thread.ofVirtual().name("findings").unstarted(task));
        table.open().forEach(finding -> open.put(new Key(finding.kind(), finding.subject()), finding.id()));
    }

    /** Makes it known unless it is already. */
    void open(FindingKind kind, String subject, String detail) {
        Key key = new Key(kind, subject);
        if (open.size() < OPEN_MAX && open.putIfAbsent(key, 0L) == null && !later(() -> begin(key, detail))) {
            open.remove(key);
        }
    }

    /** It is no longer so. */
    void end(FindingKind kind, String subject, String resolution) {
        Key key = new Key(kind, subject);
        if (open.containsKey(key)) {
            later(() -> Optional.ofNullable(open.get(key)).ifPresent(id -> end(id, resolution)));
        }
    }

    /** What open ones of this kind are about. */
    List<String> subjects(FindingKind kind) {
        return open.keySet().stream()
                .filter(key -> key.kind() == kind)
                .map(Key::subject)
                .toList();
    }

    private boolean later(Runnable work) {
        try {
            writer.execute(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    log.error("audit findings: one could not be written", e);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            return false; // The next look at the same thing finds it again.
        }
    }

    private void begin(Key key, String detail) {
        Optional<Finding> made = table.open(key.kind(), key.subject(), detail, clock.instant());
        if (made.isEmpty()) {
            open.remove(key);
            return;
        }
        open.put(key, made.get().id());
        log.warn("audit finding {}: {}: {}: {}", made.get().id(), key.kind().code(), key.subject(), detail);
        record(made.get());
    }

    private Optional<Finding> end(long id, String resolution) {
        Optional<Finding> ended = table.end(id, resolution, clock.instant());
        ended.ifPresent(finding -> {
            open.remove(new Key(finding.kind(), finding.subject()));
            log.info(
                    "audit finding {}: {}: {}: resolved: {}", id, finding.kind().code(), finding.subject(), resolution);
            record(finding);
        });
        return ended;
    }

    /** A person says that it is understood. Empty: no such finding is open, or it ends by itself. */
    public Optional<Finding> resolve(long id, String person, String reason) {
        return table.find(id)
                .filter(finding -> finding.kind().byHand())
                .flatMap(_ -> end(id, "by " + person + ": " + line(reason)));
    }

    private static String line(String reason) {
        return reason.substring(0, Math.min(REASON_CHARS_MAX, reason.length())).replaceAll("\\p{Cntrl}", " ");
    }

    /** Writes the leaves that could not be written at their time. */
    void recordMissing() {
        later(() -> table.unrecorded(LEAVES_AT_ONCE).forEach(this::record));
    }

    private void record(Finding finding) {
        int done = table.recorded(finding.id());
        try {
            if ((done & FindingTable.OPENING) == 0) {
                leaves.record(leaf(finding, false));
                table.recorded(finding.id(), FindingTable.OPENING);
            }
            if (finding.until().isPresent() && (done & FindingTable.END) == 0) {
                leaves.record(leaf(finding, true));
                table.recorded(finding.id(), FindingTable.END);
            }
        } catch (BatchRefusedException e) {
            log.info("audit finding {}: its leaf has to wait: {}", finding.id(), e.getMessage());
        }
    }

    private byte[] leaf(Finding finding, boolean ended) {
        return new LeafText(AuditFields.EVENT_FINDING, clock.instant())
                .number(AuditFields.FINDING_ID, finding.id())
                .text(AuditFields.FINDING_KIND, finding.kind().code())
                .text(AuditFields.FINDING_SUBJECT, finding.subject())
                .text(AuditFields.FINDING_STATE, ended ? "resolved" : "open")
                .text(AuditFields.FINDING_DETAIL, ended ? finding.resolution().orElse("") : finding.detail())
                .toBytes();
    }

    /** How many are open. */
    public long open() {
        return open.size();
    }

    /** How many of a kind are open. */
    public long count(FindingKind kind) {
        return open.keySet().stream().filter(key -> key.kind() == kind).count();
    }

    /** Newest first; {@code openOnly}: those that last. */
    public List<Finding> list(boolean openOnly, int limit) {
        return openOnly ? table.open().reversed() : table.all(limit);
    }

    @Override
    public void close() {
        writer.shutdown();
        try {
            writer.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
