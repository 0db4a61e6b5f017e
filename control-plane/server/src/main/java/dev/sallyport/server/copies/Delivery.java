package dev.sallyport.server.copies;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.server.copies.Sink.Outcome;
import dev.sallyport.server.copies.Sink.Refused;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a batch to its sink, however long it takes: what fails is tried again, what is refused is halved until the one that it is about is alone, refused for good, counted and named.
 * One thread.
 */
final class Delivery {
    private static final Logger log = LoggerFactory.getLogger(Delivery.class);
    /** Of one batch; a sink that takes nothing must not fill our own log. */
    private static final int NAMED_MAX = 10;
    /** So many refusals in a row without one success say more about the sink than about the records: from then on each costs a wait, so that an alarm comes before the loss. */
    static final int REFUSALS_IN_A_ROW = 64;

    private static final int SMALLEST = 64;

    private final String name;
    private final Sink sink;
    private final Tally tally;
    private final Backoff backoff;
    private final int largest;
    private int size;
    private int refusalsInARow;
    private int named;

    /** {@code largest}: records of a batch that the sink is offered. */
    Delivery(String name, Sink sink, Tally tally, Backoff backoff, int largest) {
        this.name = name;
        this.sink = sink;
        this.tally = tally;
        this.backoff = backoff;
        this.largest = largest;
        this.size = largest;
    }

    /** How many records to offer next: fewer after failures, because a sink that is slow may be able to take a few. */
    int size() {
        return size;
    }

    /** Returns when the sink has said the last word about each. InterruptedException: stopped before. */
    void deliver(List<ExportRecord> batch) throws InterruptedException {
        named = 0;
        Deque<List<ExportRecord>> parts = new ArrayDeque<>();
        parts.push(batch);
        while (!parts.isEmpty()) {
            List<ExportRecord> part = parts.pop();
            switch (offer(part)) {
                case Outcome.Taken(List<Refused> refused, long unnamed, long leftOut) -> {
                    long sent = part.size() - refused.size() - unnamed - leftOut;
                    tally.leftOut.addAndGet(leftOut);
                    unnamed(unnamed);
                    done(sent + leftOut > 0, sent);
                    refuse(refused);
                    if (sent + leftOut == 0 && unnamed > 0) {
                        slowDown(unnamed, "without a word about which");
                    }
                }
                case Outcome.Rest(List<ExportRecord> left, List<Refused> refused) -> {
                    tally.sent.addAndGet(part.size() - left.size() - refused.size());
                    refuse(refused);
                    parts.push(left);
                }
                case Outcome.Split(String why) -> {
                    if (part.size() == 1) {
                        refuse(List.of(new Refused(part.getFirst(), why)));
                        slowDown(1, why);
                    } else {
                        parts.push(part.subList(part.size() / 2, part.size()));
                        parts.push(part.subList(0, part.size() / 2));
                    }
                }
                case Outcome.Again again -> {
                    int sent =
                            part.size() - again.left().size() - again.refused().size();
                    tally.sent.addAndGet(sent);
                    refuse(again.refused());
                    parts.push(again.left());
                    if (sent > 0) { // It takes some: that is no reason to wait longer and longer.
                        backoff.succeeded();
                    }
                    failed(again.why());
                    backoff.failed(again.retryAfter());
                }
            }
        }
        summary();
    }

    private Outcome offer(List<ExportRecord> part) throws InterruptedException {
        try {
            return sink.deliver(part);
        } catch (IOException | RuntimeException e) {
            // A file or a peer of ours can fail in ways that nobody foresaw; the copy goes on when it can.
            return new Outcome.Again(part, List.of(), Optional.empty(), String.valueOf(e.getMessage()));
        }
    }

    private void done(boolean any, long sent) {
        tally.sent.addAndGet(sent);
        if (any) {
            if (tally.problem.isPresent()) {
                log.info("copy {} goes on", name);
            }
            tally.problem = Optional.empty();
            refusalsInARow = 0;
            size = Math.min(largest, size * 2);
            backoff.succeeded();
        }
    }

    private void failed(String why) {
        if (tally.problem.isEmpty()) {
            log.warn("copy {} waits; it is tried again: {}", name, why);
        }
        tally.problem = Optional.of(why);
        size = Math.max(Math.min(SMALLEST, largest), size / 2);
    }

    /** After refusals of {@code count} without one success among them. */
    private void slowDown(long count, String why) throws InterruptedException {
        refusalsInARow = (int) Math.min(Integer.MAX_VALUE, refusalsInARow + count);
        if (refusalsInARow > REFUSALS_IN_A_ROW) {
            failed("it refuses one after the other: " + why);
            backoff.failed(Optional.empty());
        }
    }

    private void refuse(List<Refused> refused) {
        for (Refused one : refused) {
            tally.refused.incrementAndGet();
            if (named++ < NAMED_MAX) {
                ExportRecord record = one.record();
                log.warn(
                        "copy {} lacks record {} (entry {}), which its sink refused: {}",
                        name,
                        record.text(AuditFields.ID).orElse("without id"),
                        record.index(),
                        one.why());
            }
        }
    }

    private void unnamed(long count) {
        if (count > 0) {
            tally.refused.addAndGet(count);
            log.warn("copy {} lacks {} records of a batch, which its sink refused without naming them", name, count);
        }
    }

    private void summary() {
        if (named > NAMED_MAX) {
            log.warn("copy {} lacks {} more records of the same batch", name, named - NAMED_MAX);
        }
    }
}
