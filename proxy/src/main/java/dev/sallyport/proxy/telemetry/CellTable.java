package dev.sallyport.proxy.telemetry;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one event loop and direction: a look-up and a few additions a request, no lock, and no garbage once a request like it has been seen; beyond {@link #KNOWN_MAX} kinds of requests a new kind
 * makes some each time. What comes when there is no room for its cell, or whose value is one too many of its label, is counted under {@link RequestKey#OVERFLOW}: totals stay right whoever calls, and memory and series stay few.
 */
final class CellTable implements Observer {
    /** About half a megabyte. */
    static final int CELLS_MAX = 1000;
    /** Beside them, of closed words; then {@link RequestKey#least} are left, as many as there can be. */
    static final int OVERFLOW_MAX = 500;

    private static final int SLOTS = 4096;
    /** Half of the slots: a look-up must find an empty one soon. */
    static final int KNOWN_MAX = SLOTS / 2;

    /** A kind of request as it comes, and where it is counted; once known it stays so. */
    private record Known(RequestKey key, Cell cell) {}

    private final @Nullable Known[] slots = new Known[SLOTS];
    private int known;
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
        for (Known at = slots[slot]; at != null; at = slots[slot]) {
            if (at.key().is(record, reason)) {
                return at.cell();
            }
            slot = slot + 1 & SLOTS - 1;
        }
        RequestKey key = RequestKey.of(record, reason);
        Cell cell = bounded(key);
        if (known < KNOWN_MAX) {
            known++;
            slots[slot] = new Known(key, cell);
        }
        return cell;
    }

    private Cell bounded(RequestKey key) {
        RequestKey bounded = bounds.of(key);
        if (byKey.size() < CELLS_MAX || byKey.containsKey(bounded)) {
            return cell(bounded);
        }
        RequestKey overflow = bounded.overflow();
        if (byKey.size() < CELLS_MAX + OVERFLOW_MAX || byKey.containsKey(overflow)) {
            return cell(overflow);
        }
        return cell(bounded.least());
    }

    private Cell cell(RequestKey key) {
        Cell cell = byKey.get(key);
        return cell == null ? added(key) : cell;
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
