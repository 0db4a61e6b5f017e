package dev.sallyport.proxy.telemetry;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one event loop and direction: a look-up and a few additions a request, no lock, and no garbage once a request like it has been seen. What comes when there is no room for its cell, or whose value is one too many of
 * its label, is counted under {@link RequestKey#OVERFLOW}: totals stay right whoever calls, and memory and series stay few.
 */
final class CellTable implements Observer {
    /** Of these one for whatever differs. */
    static final int CELLS_MAX = 1000;
    /** Beside them, for what differs in closed words. The product of these is larger than anybody needs. */
    static final int WORDS_MAX = 250;
    /** Of all there ever are, those of {@link RequestKey#outcome} included: about three quarters of a megabyte. */
    static final int MOST = CELLS_MAX + WORDS_MAX + Reason.values().length * Verdict.values().length * 2;

    private static final int SLOTS = 4096;

    private final @Nullable Cell[] slots = new Cell[SLOTS];
    private final Map<RequestKey, Cell> byKey = new HashMap<>();
    private final LabelBounds bounds = new LabelBounds();
    /** Copied when a cell is added, which ends soon. */
    private volatile List<Cell> cells = List.of();

    private final Tick started = new Tick();
    private final Tick ended = new Tick();

    @Override
    public void started() {
        started.tick();
    }

    @Override
    public void ended(AuditRecord record, Reason reason, RequestHead head, Span span) {
        ended.tick();
        cell(record, reason).count(record, span);
    }

    private Cell cell(AuditRecord record, Reason reason) {
        int slot = RequestKey.hash(record, reason) & SLOTS - 1;
        for (Cell cell = slots[slot]; cell != null; cell = slots[slot]) {
            if (cell.key().is(record, reason)) {
                return cell;
            }
            slot = slot + 1 & SLOTS - 1;
        }
        RequestKey key = RequestKey.of(record, reason);
        RequestKey bounded = bounds.of(key);
        Cell cell = byKey.get(bounded);
        if (cell == null) {
            cell = byKey.size() < CELLS_MAX ? added(bounded) : overflow(bounded.overflow());
            if (cell.key().equals(key)) { // Others are found by what they became.
                slots[slot] = cell;
            }
        }
        return cell;
    }

    private Cell overflow(RequestKey words) {
        Cell cell = byKey.get(words);
        if (cell == null && byKey.size() < CELLS_MAX + WORDS_MAX) {
            return added(words);
        }
        return cell == null ? last(words.outcome()) : cell;
    }

    private Cell last(RequestKey outcome) {
        Cell cell = byKey.get(outcome);
        return cell == null ? added(outcome) : cell;
    }

    private Cell added(RequestKey key) {
        Cell cell = new Cell(key);
        byKey.put(key, cell);
        List<Cell> all = new ArrayList<>(cells);
        all.add(cell);
        cells = List.copyOf(all);
        return cell;
    }

    /** Any thread. */
    List<Cell> cells() {
        return cells;
    }

    /** Any thread; never negative. */
    long active() {
        long over = ended.value(); // First: what ends in between has begun before.
        return Math.max(0, started.value() - over);
    }
}
