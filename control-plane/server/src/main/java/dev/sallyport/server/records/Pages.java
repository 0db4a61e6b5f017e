package dev.sallyport.server.records;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The pages of full blocks, read through one connection. One thread at a time. */
final class Pages {
    private static final byte[] NONE = {};

    private final PreparedStatement page;
    private final PreparedStatement times;

    Pages(Connection connection) throws SQLException {
        page = connection.prepareStatement("select bytes from page where id = ?");
        times = connection.prepareStatement("select times from block where number = ?");
    }

    byte[] page(long id) throws SQLException {
        return bytes(page, id);
    }

    byte[] times(long block) throws SQLException {
        return bytes(times, block);
    }

    /** Nothing, where the block was forgotten a moment ago. */
    private static byte[] bytes(PreparedStatement statement, long id) throws SQLException {
        statement.setLong(1, id);
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getBytes(1) : NONE;
        }
    }
}
