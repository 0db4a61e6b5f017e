package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import dev.sallyport.audit.RecordLine;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** One row a record, by its index in the log: what a list of records shows. One thread at a time. */
final class Rows {
    private static final RecordField[] FIELDS = RecordField.values();
    private static final String COLUMNS =
            Arrays.stream(FIELDS).map(Rows::column).collect(Collectors.joining(", ", "", ", number, time, leaf"));
    private static final int NUMBER = FIELDS.length + 1;
    private static final int TIME = FIELDS.length + 2;
    private static final int LEAF = FIELDS.length + 3;

    /** For the schema: a type would change what is put in. */
    static final String DECLARED = Arrays.stream(FIELDS).map(Rows::column).collect(Collectors.joining(", "));

    private final Words words;
    private final PreparedStatement insert;
    private final PreparedStatement one;
    private final PreparedStatement from;
    private final PreparedStatement first;

    Rows(Connection connection, Words words) throws SQLException {
        this.words = words;
        insert = connection.prepareStatement(
                "insert into record (" + COLUMNS + ") values (" + "?, ".repeat(FIELDS.length) + "?, ?, ?)");
        one = connection.prepareStatement("select " + COLUMNS + " from record where leaf = ?");
        from = connection.prepareStatement("select " + COLUMNS + " from record where leaf >= ? order by leaf");
        first = connection.prepareStatement("select min(leaf) from record where leaf >= ?");
    }

    /** Not {@code user}, {@code trace} and the like: SQL has words of its own. */
    private static String column(RecordField field) {
        return "r_" + field.word();
    }

    /** The writer's thread, in its transaction. */
    void insert(long leaf, RecordLine line) throws SQLException {
        for (int i = 0; i < FIELDS.length; i++) {
            String value = line.value(FIELDS[i]);
            insert.setObject(i + 1, value.isEmpty() ? null : stored(FIELDS[i], value));
        }
        insert.setLong(NUMBER, line.number());
        insert.setLong(TIME, line.time().toEpochMilli());
        insert.setLong(LEAF, leaf);
        insert.executeUpdate();
    }

    private Object stored(RecordField field, String value) throws SQLException {
        return switch (field) {
            case ID -> Packed.id(value);
            case TRACE -> Packed.trace(value);
            default -> words.stored(field, value);
        };
    }

    Optional<Found> find(long leaf) throws SQLException {
        one.setLong(1, leaf);
        try (ResultSet row = one.executeQuery()) {
            return row.next() ? Optional.of(found(row)) : Optional.empty();
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
                visitor.row(found(row));
            }
        }
    }

    private Found found(ResultSet row) throws SQLException {
        Map<RecordField, String> values = new EnumMap<>(RecordField.class);
        for (int i = 0; i < FIELDS.length; i++) {
            Object stored = row.getObject(i + 1);
            if (stored != null) {
                values.put(FIELDS[i], shown(FIELDS[i], stored));
            }
        }
        return new Found(row.getLong(LEAF), Instant.ofEpochMilli(row.getLong(TIME)), row.getLong(NUMBER), values);
    }

    private String shown(RecordField field, Object stored) {
        return switch (field) {
            case ID -> Packed.idText(stored);
            case TRACE -> Packed.traceText(stored);
            default -> words.shown(stored);
        };
    }
}
