package dev.sallyport.server.records;

import dev.sallyport.audit.RecordLine;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Adds to the index, one transaction a call. One thread. After an SQLException it is of no use any more: what is in memory may be ahead of the file. */
final class IndexWriter implements AutoCloseable {
    private final Connection connection;
    private final Words words;
    private final Rows rows;
    private final Blocks blocks;
    private final PreparedStatement progress;
    private final int blocksMax;

    private final List<Block> full;
    private OpenBlock open;
    private long next;
    private String hash;
    private long forgotten;
    /** Oldest first, the open one last. */
    private volatile List<Block> view;

    /** {@code blocksMax}: what is older is forgotten. */
    IndexWriter(Connection connection, int blocksMax) throws SQLException {
        this.connection = connection;
        this.blocksMax = blocksMax;
        words = new Words(connection);
        rows = new Rows(connection, words);
        blocks = new Blocks(connection);
        progress = connection.prepareStatement("update progress set next = ?, hash = ?");
        full = new ArrayList<>(Blocks.all(connection));
        try (PreparedStatement select = connection.prepareStatement("select next, hash from progress");
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("progress: no row (expected: one)");
            }
            next = row.getLong(1);
            hash = row.getString(2);
        }
        open = reopened();
        view = view();
        connection.setAutoCommit(false);
    }

    /** The block that was open when the file was closed is read into memory again. */
    private OpenBlock reopened() throws SQLException {
        long begin = full.isEmpty() ? 0 : (full.getLast().number() + 1) * Block.SIZE;
        // All that is left over is of one block: a block is stored in the transaction that begins another.
        OpenBlock block = new OpenBlock(Block.of(rows.first(begin).orElse(next)));
        rows.forEach(
                begin,
                found -> block.add(Block.place(found.index()), found.time().toEpochMilli(), Terms.of(found.values())));
        return block;
    }

    /** What is to be added: a record and its index in the log. */
    record Line(long leaf, RecordLine record) {}

    /** Adds {@code lines}, ascending; afterwards everything before {@code end} is in the index, and {@code hash} is that of the entry before it. */
    void add(List<Line> lines, long end, String hash) throws SQLException {
        for (Line line : lines) {
            if (Block.of(line.leaf()) != open.number()) {
                turn(Block.of(line.leaf()));
            }
            rows.insert(line.leaf(), line.record());
            open.add(
                    Block.place(line.leaf()),
                    line.record().time().toEpochMilli(),
                    Terms.of(line.record().values()));
        }
        progress.setLong(1, end);
        progress.setString(2, hash);
        progress.executeUpdate();
        connection.commit();
        this.next = end;
        this.hash = hash;
        view = view();
    }

    private void turn(long number) throws SQLException {
        if (!open.isEmpty()) {
            full.add(blocks.store(open));
        }
        open = new OpenBlock(number);
        if (full.size() >= blocksMax) {
            forgetBlocks(full.get(full.size() - blocksMax + 1).number());
        }
    }

    private void forgetBlocks(long before) throws SQLException {
        blocks.forget(before);
        full.removeIf(block -> block.number() < before);
    }

    /** Forgets what the log has before {@code first} pruned: no row of it is left. */
    void forget(long first) throws SQLException {
        if (first > forgotten) {
            forgetBlocks(Math.min(Block.of(first), open.number()));
            blocks.forgetRows(first);
            connection.commit();
            forgotten = first;
            view = view();
        }
    }

    private List<Block> view() {
        List<Block> all = new ArrayList<>(full);
        all.add(open);
        return List.copyOf(all);
    }

    List<Block> blocks() {
        return view;
    }

    Words words() {
        return words;
    }

    /** The first index that is not in here yet. */
    long next() {
        return next;
    }

    /** Of the entry before it, as it was given; {@code ""} at the beginning. */
    String hash() {
        return hash;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
