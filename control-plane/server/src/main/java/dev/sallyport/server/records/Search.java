package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** One search, through one connection. */
final class Search {
    /** Rows between two looks at the clock. */
    private static final int ROWS = 256;

    private final RecordQuery query;
    private final Pages pages;
    private final Rows rows;
    /** {@link System#nanoTime}. */
    private final long deadline;

    private final List<int[]> terms;
    private final List<Found> found = new ArrayList<>();

    Search(RecordQuery query, Pages pages, Rows rows, long deadline) {
        this.query = query;
        this.pages = pages;
        this.rows = rows;
        this.deadline = deadline;
        // The last fields first: ids leave the least, and what is empty needs no more looking.
        this.terms = query.filters().entrySet().stream()
                .sorted(Comparator.comparing(Map.Entry<RecordField, Set<String>>::getKey, Comparator.reverseOrder()))
                .map(filter -> filter.getValue().stream()
                        .mapToInt(value -> Terms.of(filter.getKey(), value))
                        .toArray())
                .toList();
    }

    /** {@code blocks}: oldest first. */
    Page in(List<Block> blocks) throws SQLException {
        for (Block block : query.oldestFirst() ? blocks : blocks.reversed()) {
            long first = block.number() * Block.SIZE;
            if (!meets(block, first)) {
                continue;
            }
            if (isLate()) {
                return page(
                        query.oldestFirst()
                                ? Math.max(query.after(), first - 1)
                                : Math.min(query.before(), first + Block.SIZE));
            }
            OptionalLong stopped = query.oldestFirst() ? forwards(block, first) : backwards(block, first);
            if (stopped.isPresent()) {
                return page(stopped.getAsLong());
            }
        }
        return new Page(found, OptionalLong.empty(), false);
    }

    private Page page(long next) {
        return new Page(found, OptionalLong.of(next), found.size() < query.limit());
    }

    private boolean meets(Block block, long first) {
        return block.least() < query.to().toEpochMilli()
                && block.most() >= query.from().toEpochMilli()
                && first < query.before()
                && first + Block.SIZE - 1 > query.after();
    }

    /** Where it stopped, because there is enough or it is late; empty at the block's beginning. */
    private OptionalLong backwards(Block block, long first) throws SQLException {
        Bits bits = candidates(block);
        int end = (int) Math.min(Block.SIZE, query.before() - first);
        int examined = 0;
        for (int place = bits.last(end); place >= 0 && first + place > query.after(); place = bits.last(place)) {
            if (isEnough(++examined)) {
                return OptionalLong.of(first + place + 1);
            }
            rows.find(first + place).filter(query::matches).ifPresent(found::add);
        }
        return OptionalLong.empty();
    }

    /** The same in the other direction. */
    private OptionalLong forwards(Block block, long first) throws SQLException {
        Bits bits = candidates(block);
        int begin = (int) Math.max(-1, query.after() - first);
        int examined = 0;
        for (int place = bits.first(begin); place >= 0 && first + place < query.before(); place = bits.first(place)) {
            if (isEnough(++examined)) {
                return OptionalLong.of(first + place - 1);
            }
            rows.find(first + place).filter(query::matches).ifPresent(found::add);
        }
        return OptionalLong.empty();
    }

    private boolean isEnough(int examined) {
        return found.size() == query.limit() || (examined % ROWS == 0 && isLate());
    }

    private Bits candidates(Block block) throws SQLException {
        Bits bits = terms.isEmpty() ? between(block) : having(block, terms.getFirst());
        for (int i = 1; i < terms.size() && !bits.isEmpty(); i++) {
            bits.and(having(block, terms.get(i)));
        }
        boolean inside = query.from().toEpochMilli() <= block.least()
                && block.most() < query.to().toEpochMilli();
        if (!inside && !bits.isEmpty()) {
            bits.and(between(block));
        }
        return bits;
    }

    private Bits between(Block block) throws SQLException {
        return block.between(query.from().toEpochMilli(), query.to().toEpochMilli(), pages);
    }

    private Bits having(Block block, int[] any) throws SQLException {
        Bits having = block.having(any[0], pages);
        for (int i = 1; i < any.length; i++) {
            having.or(block.having(any[i], pages));
        }
        return having;
    }

    private boolean isLate() {
        return System.nanoTime() - deadline >= 0;
    }
}
