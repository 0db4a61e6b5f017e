package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import dev.sallyport.audit.RecordLine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * A row as bytes, one column for SQLite: time and number, then each field in the order of {@link RecordField}: a word's number, 16 packed bytes, or a text. Numbers take seven bits a byte, the lowest
 * first; the last two bits of a field's first number say what follows.
 */
final class RowBytes {
    private static final int NONE = 0;
    private static final int WORD = 1;
    private static final int PACKED = 2;
    private static final int TEXT = 3;

    private static final int PACKED_BYTES = 16;
    /** Every field a text of the longest. */
    private static final int BYTES_MAX = 64 * 1024;

    private static final RecordField[] FIELDS = RecordField.values();

    private final Words words;
    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX);

    RowBytes(Words words) {
        this.words = words;
    }

    /** The writer's thread, in its transaction: new words are stored too. */
    byte[] of(RecordLine line) throws SQLException {
        bytes.clear();
        number(line.time().toEpochMilli());
        number(line.number());
        for (RecordField field : FIELDS) {
            String value = line.value(field);
            switch (value.isEmpty() ? null : stored(field, value)) {
                case null -> number(NONE);
                case Integer word -> number((long) word << 2 | WORD);
                case byte[] packed -> {
                    number(PACKED);
                    bytes.put(packed);
                }
                case Object text -> text(text.toString().getBytes(StandardCharsets.UTF_8));
            }
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private Object stored(RecordField field, String value) throws SQLException {
        return switch (field) {
            case ID -> Packed.id(value);
            case TRACE -> Packed.trace(value);
            default -> words.stored(field, value);
        };
    }

    private void text(byte[] utf8) {
        number((long) utf8.length << 2 | TEXT);
        bytes.put(utf8);
    }

    private void number(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes.put((byte) (left | 0x80));
            left >>>= 7;
        }
        bytes.put((byte) left);
    }

    /** What {@link #of} wrote. */
    static Found found(long leaf, byte[] row, Words words) {
        ByteBuffer bytes = ByteBuffer.wrap(row);
        Instant time = Instant.ofEpochMilli(number(bytes));
        long number = number(bytes);
        Map<RecordField, String> values = new EnumMap<>(RecordField.class);
        for (RecordField field : FIELDS) {
            long head = number(bytes);
            switch ((int) head & 3) {
                case WORD -> values.put(field, words.text((int) (head >> 2)));
                case PACKED -> values.put(field, unpacked(field, taken(bytes, PACKED_BYTES)));
                case TEXT -> values.put(field, new String(taken(bytes, (int) (head >> 2)), StandardCharsets.UTF_8));
                default -> {}
            }
        }
        return new Found(leaf, time, number, values);
    }

    private static String unpacked(RecordField field, byte[] packed) {
        return field == RecordField.ID ? Packed.idText(packed) : Packed.traceText(packed);
    }

    private static byte[] taken(ByteBuffer bytes, int length) {
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private static long number(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            long next = bytes.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
