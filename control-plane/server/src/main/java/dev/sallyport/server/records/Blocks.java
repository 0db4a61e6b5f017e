package dev.sallyport.server.records;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Full blocks in the file: written once, forgotten as a whole. The writer's thread. */
final class Blocks {
    private final PreparedStatement insert;
    private final PreparedStatement page;
    private final PreparedStatement forgetBlocks;
    private final PreparedStatement forgetPages;
    private final PreparedStatement forgetRows;

    Blocks(Connection connection) throws SQLException {
        insert = connection.prepareStatement(
                "insert into block (number, least, most, shift, firsts, times) values (?, ?, ?, ?, ?, ?)");
        page = connection.prepareStatement("insert into page (id, bytes) values (?, ?)");
        forgetBlocks = connection.prepareStatement("delete from block where number < ?");
        forgetPages = connection.prepareStatement("delete from page where id < ?");
        forgetRows = connection.prepareStatement("delete from record where leaf < ?");
    }

    /** Those in the file, oldest first. */
    static List<StoredBlock> all(Connection connection) throws SQLException {
        List<StoredBlock> blocks = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "select number, least, most, shift, firsts from block order by number");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                blocks.add(new StoredBlock(
                        row.getLong(1), row.getLong(2), row.getLong(3), row.getInt(4), ints(row.getBytes(5))));
            }
        }
        return blocks;
    }

    StoredBlock store(OpenBlock open) throws SQLException {
        List<Integer> firsts = new ArrayList<>();
        StoredBlock.pages(open.sorted(), (first, bytes) -> {
            page.setLong(1, open.number() << StoredBlock.PAGES_BITS | firsts.size());
            page.setBytes(2, bytes);
            page.executeUpdate();
            firsts.add(first);
        });
        int[] terms = firsts.stream().mapToInt(Integer::intValue).toArray();
        int shift = StoredBlock.shift(open.least(), open.most());
        insert.setLong(1, open.number());
        insert.setLong(2, open.least());
        insert.setLong(3, open.most());
        insert.setInt(4, shift);
        insert.setBytes(5, bytes(terms));
        insert.setBytes(6, StoredBlock.times(open.times(), open.least(), shift));
        insert.executeUpdate();
        return new StoredBlock(open.number(), open.least(), open.most(), shift, terms);
    }

    /** Everything before block {@code number}. */
    void forget(long number) throws SQLException {
        run(forgetBlocks, number);
        run(forgetPages, number << StoredBlock.PAGES_BITS);
        forgetRows(number * Block.SIZE);
    }

    /** Of a block that stays only the hashes of their values are left, which find no row. */
    void forgetRows(long before) throws SQLException {
        run(forgetRows, before);
    }

    private static void run(PreparedStatement statement, long bound) throws SQLException {
        statement.setLong(1, bound);
        statement.executeUpdate();
    }

    private static byte[] bytes(int[] ints) {
        ByteBuffer buffer = ByteBuffer.allocate(ints.length * Integer.BYTES);
        buffer.asIntBuffer().put(ints);
        return buffer.array();
    }

    private static int[] ints(byte[] bytes) {
        int[] ints = new int[bytes.length / Integer.BYTES];
        ByteBuffer.wrap(bytes).asIntBuffer().get(ints);
        return ints;
    }
}
