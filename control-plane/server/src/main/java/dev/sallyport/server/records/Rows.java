package dev.sallyport.server.records;

import dev.sallyport.audit.RecordLine;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/** One row a record, by its index in the log: what a list of records shows. One thread at a time. */
final class Rows {
    private final Words words;
    private final RowBytes bytes;
    private final PreparedStatement insert;
    private final PreparedStatement one;
    private final PreparedStatement from;
    private final PreparedStatement first;

    Rows(Connection connection, Words words) throws SQLException {
        this.words = words;
        this.bytes = new RowBytes(words);
        insert = connection.prepareStatement("insert into record (leaf, bytes) values (?, ?)");
        one = connection.prepareStatement("select bytes from record where leaf = ?");
        from = connection.prepareStatement("select leaf, bytes from record where leaf >= ? order by leaf");
        first = connection.prepareStatement("select min(leaf) from record where leaf >= ?");
    }

    /** The writer's thread, in its transaction. */
    void insert(long leaf, RecordLine line) throws SQLException {
        insert.setLong(1, leaf);
        insert.setBytes(2, bytes.of(line));
        insert.executeUpdate();
    }

    Optional<Found> find(long leaf) throws SQLException {
        one.setLong(1, leaf);
        try (ResultSet row = one.executeQuery()) {
            return row.next() ? Optional.of(RowBytes.found(leaf, row.getBytes(1), words)) : Optional.empty();
        }
    }

    /** The index of the first one from {@code leaf} on; empty when there is none. */
    OptionalLong first(long leaf) throws SQLException {
        first.setLong(1, leaf);
        try (ResultSet row = first.executeQuery()) {
            long found = row.next() ? row.getLong(1) : 0;
            return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(found);
        }
    }

    interface Visitor {
        void row(Found found) throws SQLException;
    }

    /** Every row from {@code leaf} on, oldest first. */
    void forEach(long leaf, Visitor visitor) throws SQLException {
        from.setLong(1, leaf);
        try (ResultSet row = from.executeQuery()) {
            while (row.next()) {
                visitor.row(RowBytes.found(row.getLong(1), row.getBytes(2), words));
            }
        }
    }
}
