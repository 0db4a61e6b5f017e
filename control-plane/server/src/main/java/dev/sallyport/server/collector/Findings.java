package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditFields;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
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
    private static final int WAITING_MAX = 1024;
    private static final int LEAVES_AT_ONCE = 256;
    private static final int REASON_CHARS_MAX = 500;
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    /** Where leaves go: durable when it returns. */
    @FunctionalInterface
    interface Leaves {
        long record(byte[] leaf) throws BatchRefusedException;
    }

    private final FindingTable table;
    private final Leaves leaves;
    private final Clock clock;
    private final OpenFindings open = new OpenFindings();
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
        table.open().forEach(finding -> open.put(finding.kind(), finding.subject(), finding.id()));
    }

    /** Makes it known unless it is already, or too many of its kind about the same service are: then the newest of those counts it. */
    void open(FindingKind kind, String subject, String detail) {
        switch (open.admit(kind, subject)) {
            case NEW -> {
                if (!later(() -> begin(kind, subject, detail))) {
                    open.remove(kind, subject);
                    open.dropped(kind);
                }
            }
            case FIRST_BEYOND ->
                log.warn(
                        "audit findings: {}: {}: {}: more than {} of this kind are open about its service; this and further ones are counted only",
                        kind.code(),
                        subject,
                        detail,
                        OpenFindings.ABOUT_ONE_MAX);
            case BEYOND, OPEN_ALREADY -> {}
        }
    }

    /** It is no longer so. */
    void end(FindingKind kind, String subject, String resolution) {
        if (open.id(kind, subject).isPresent()) {
            later(() -> open.id(kind, subject).ifPresent(id -> end(id, resolution)));
        }
    }

    /** What open ones of this kind are about. */
    List<String> subjects(FindingKind kind) {
        return open.subjects(kind);
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

    private void begin(FindingKind kind, String subject, String detail) {
        Optional<Finding> made = table.open(kind, subject, detail, clock.instant());
        if (made.isEmpty()) {
            open.remove(kind, subject);
            return;
        }
        open.put(kind, subject, made.get().id());
        log.warn("audit finding {}: {}: {}: {}", made.get().id(), kind.code(), subject, detail);
        record(made.get());
    }

    private Optional<Finding> end(long id, String resolution) {
        Optional<Finding> ended = table.end(id, resolution, clock.instant());
        ended.ifPresent(finding -> {
            open.remove(finding.kind(), finding.subject());
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

    /** Writes the leaves that could not be written at their time, and how many findings had no room. */
    void recordMissing() {
        later(() -> table.unrecorded(LEAVES_AT_ONCE).forEach(this::record));
        later(() -> open.news().forEach(more -> table.more(more.id(), more.n())));
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
        return Arrays.stream(FindingKind.values()).mapToLong(this::count).sum();
    }

    /** How many of a kind are open. */
    public long count(FindingKind kind) {
        return open.count(kind);
    }

    /** How many of a kind found no room since the start. */
    long dropped(FindingKind kind) {
        return open.countDropped(kind);
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
