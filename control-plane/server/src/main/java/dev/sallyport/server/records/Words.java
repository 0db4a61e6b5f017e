package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Numbers for the values that come first in each field, so that rows are small; what comes when a field has {@value #WORDS_MAX} stands in the row as it is. One thread adds, any reads. */
final class Words {
    /** Of one field: a few megabytes of memory. */
    static final int WORDS_MAX = 16_384;

    private static final int TEXT_MAX = 256;

    private final Map<RecordField, Map<String, Integer>> numbers = new EnumMap<>(RecordField.class);
    private final Map<Integer, String> texts = new ConcurrentHashMap<>();
    private final PreparedStatement insert;

    Words(Connection connection) throws SQLException {
        for (RecordField field : RecordField.values()) {
            numbers.put(field, new HashMap<>());
        }
        try (PreparedStatement all = connection.prepareStatement("select id, field, text from word");
                ResultSet row = all.executeQuery()) {
            while (row.next()) {
                Optional<RecordField> field = RecordField.of(row.getString(2));
                if (field.isPresent()) {
                    of(field.get()).put(row.getString(3), row.getInt(1));
                    texts.put(row.getInt(1), row.getString(3));
                }
            }
        }
        insert = connection.prepareStatement("insert into word (id, field, text) values (?, ?, ?)");
    }

    private Map<String, Integer> of(RecordField field) {
        return numbers.getOrDefault(field, Map.of());
    }

    /** What of a value is kept to be shown. */
    static String cut(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX);
    }

    /** The number or the text to put into a row. The writer's thread, in its transaction. */
    Object stored(RecordField field, String value) throws SQLException {
        String text = cut(value);
        Map<String, Integer> known = of(field);
        Integer number = known.get(text);
        if (number != null) {
            return number;
        }
        if (known.size() >= WORDS_MAX) {
            return text;
        }
        int next = texts.size() + 1;
        insert.setInt(1, next);
        insert.setString(2, field.word());
        insert.setString(3, text);
        insert.executeUpdate();
        known.put(text, next);
        texts.put(next, text);
        return next;
    }

    /** Of a number that {@link #stored} gave. */
    String text(int number) {
        return texts.getOrDefault(number, "?");
    }
}
