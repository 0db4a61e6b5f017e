package dev.sallyport.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The fields of a message: the bytes they stand in, what they say, and which of them go on. They are dropped and set in place; {@link #writeFields} writes what is left. Event loop only. */
abstract class Fields {
    private static final int BYTES_AT_FIRST = 1024;
    /** Per field: start, colon, value from, value to, end of its line, hash of its folded name. */
    private static final int STRIDE = 6;

    private static final int COLON = 1;
    private static final int FROM = 2;
    private static final int TO = 3;
    private static final int END = 4;
    private static final int HASH = 5;

    protected byte[] bytes = new byte[BYTES_AT_FIRST];
    /** Bytes that have arrived; behind them, once the head is whole, stands what was set. */
    protected int size;
    /** After the empty line of the whole head. */
    protected int end;

    private int[] table = new int[STRIDE * 16];
    private Field[] kinds = new Field[16];
    private boolean[] dropped = new boolean[16];
    private int count;

    final void clear() {
        if (bytes.length > 8 * BYTES_AT_FIRST) {
            bytes = new byte[BYTES_AT_FIRST]; // One large head must not cost its memory for ever.
        }
        size = 0;
        end = 0;
        count = 0;
    }

    final void ensure(int capacity) {
        if (bytes.length < capacity) {
            bytes = Arrays.copyOf(bytes, Math.max(capacity, 2 * bytes.length));
        }
    }

    final void remember(int from, int colon, int valueFrom, int valueTo, int lineEnd, int hash, Field field) {
        if (count == dropped.length) {
            table = Arrays.copyOf(table, 2 * table.length);
            kinds = Arrays.copyOf(kinds, 2 * kinds.length);
            dropped = Arrays.copyOf(dropped, 2 * dropped.length);
        }
        int row = count * STRIDE;
        table[row] = from;
        table[row + COLON] = colon;
        table[row + FROM] = valueFrom;
        table[row + TO] = valueTo;
        table[row + END] = lineEnd;
        table[row + HASH] = hash;
        kinds[count] = field;
        dropped[count] = false;
        count++;
    }

    // ---- what it says ----

    /** Of the whole head. */
    public int headBytes() {
        return end;
    }

    /** Fields of this kind, dropped ones not counted. */
    public int count(Field field) {
        int found = 0;
        for (int i = 0; i < count; i++) {
            if (is(i, field) && !dropped[i]) {
                found++;
            }
        }
        return found;
    }

    public boolean has(Field field) {
        return index(field) >= 0;
    }

    /** The first one's place, or -1. */
    int index(Field field) {
        for (int i = 0; i < count; i++) {
            if (is(i, field) && !dropped[i]) {
                return i;
            }
        }
        return -1;
    }

    private boolean is(int index, Field field) {
        return kinds[index] == field;
    }

    int fields() {
        return count;
    }

    boolean isDropped(int index) {
        return dropped[index];
    }

    Field field(int index) {
        return kinds[index];
    }

    int valueFrom(int index) {
        return table[index * STRIDE + FROM];
    }

    int valueTo(int index) {
        return table[index * STRIDE + TO];
    }

    /** As written. */
    String name(int index) {
        int from = table[index * STRIDE];
        return text(from, table[index * STRIDE + COLON]);
    }

    String value(int index) {
        return text(valueFrom(index), valueTo(index));
    }

    String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Each value of a field that goes on, in order, without surrounding blanks. */
    public List<String> values(Field field) {
        List<String> values = new ArrayList<>(1);
        for (int i = 0; i < count; i++) {
            if (is(i, field) && !dropped[i]) {
                values.add(value(i));
            }
        }
        return values;
    }

    /**
     * Each value of every field that goes on and that some application reads as {@code name}, in order. A field of another spelling, {@code x_tenant}, counts twice: it is one and the
     * same to some applications and another one to others, so that nobody may rely on it.
     */
    public List<String> values(String name) {
        String folded = Octets.folded(name);
        int hash = Field.hash(folded);
        List<String> values = List.of();
        for (int i = 0; i < count; i++) {
            int row = i * STRIDE;
            if (table[row + HASH] == hash
                    && !dropped[i]
                    && Octets.sameFolded(bytes, table[row], table[row + COLON], folded)) {
                values = values.isEmpty() ? new ArrayList<>(1) : values;
                values.add(value(i));
                if (!name(i).equalsIgnoreCase(name)) {
                    values.add(value(i));
                }
            }
        }
        return values;
    }

    /** At most {@code bytesMax} octets of the first value of {@code name}, in lower case with {@code -}, that goes on, read as UTF-8: what is none becomes U+FFFD. Empty where there is none. */
    public String first(String name, int bytesMax) {
        int hash = Field.hash(name);
        for (int i = 0; i < count; i++) {
            int row = i * STRIDE;
            if (table[row + HASH] == hash
                    && !dropped[i]
                    && Octets.sameFolded(bytes, table[row], table[row + COLON], name)) {
                int length = Math.min(bytesMax, valueTo(i) - valueFrom(i));
                return new String(bytes, valueFrom(i), length, StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    /** Of comma-separated lists, all of a kind together. */
    int items(Field field) {
        int items = 0;
        for (int i = 0; i < count; i++) {
            if (is(i, field)) {
                items++;
                for (int at = valueFrom(i); at < valueTo(i); at++) {
                    items += bytes[at] == ',' ? 1 : 0;
                }
            }
        }
        return items;
    }

    /** Of the first one's value, in the array of this head; there must be one. */
    public int valueStart(Field field) {
        return valueFrom(index(field));
    }

    public int valueEnd(Field field) {
        return valueTo(index(field));
    }

    /** Octets of all values of a kind together. */
    public int valueBytes(Field field) {
        int bytes = 0;
        for (int i = 0; i < count; i++) {
            if (is(i, field) && !dropped[i]) {
                bytes += valueTo(i) - valueFrom(i);
            }
        }
        return bytes;
    }

    /** Whether the only field of this kind has this value, {@code lower} in any case. */
    public boolean says(Field field, String lower) {
        int index = index(field);
        return index >= 0 && count(field) == 1 && Octets.sameInAnyCase(bytes, valueFrom(index), valueTo(index), lower);
    }

    /** Whether a comma-separated list names {@code lower}, in any case. */
    boolean lists(Field field, String lower) {
        boolean found = false;
        for (int i = 0; i < count && !found; i++) {
            if (is(i, field) && !dropped[i]) {
                int at = valueFrom(i);
                while (at < valueTo(i) && !found) {
                    int to = itemEnd(at, valueTo(i));
                    found = Octets.sameInAnyCase(bytes, trimFrom(at, to), trimTo(at, to), lower);
                    at = to + 1;
                }
            }
        }
        return found;
    }

    private int itemEnd(int from, int to) {
        int at = from;
        while (at < to && bytes[at] != ',') {
            at++;
        }
        return at;
    }

    final int trimFrom(int from, int to) {
        int at = from;
        while (at < to && Octets.isBlank(bytes[at])) {
            at++;
        }
        return at;
    }

    final int trimTo(int from, int to) {
        int at = to;
        while (at > from && Octets.isBlank(bytes[at - 1])) {
            at--;
        }
        return at;
    }

    // ---- what goes on ----

    public void drop(Field field) {
        for (int i = 0; i < count; i++) {
            if (is(i, field)) {
                dropped[i] = true;
            }
        }
    }

    /** Whatever some application reads as {@code name}. */
    public void drop(String name) {
        String folded = Octets.folded(name);
        int hash = Field.hash(folded);
        for (int i = 0; i < count; i++) {
            int row = i * STRIDE;
            if (table[row + HASH] == hash && Octets.sameFolded(bytes, table[row], table[row + COLON], folded)) {
                dropped[i] = true;
            }
        }
    }

    private void drop(Set<Field> fields) {
        for (int i = 0; i < count; i++) {
            if (fields.contains(field(i))) {
                dropped[i] = true;
            }
        }
    }

    /**
     * Drops what belongs to this connection, and everything that {@code Connection} names (RFC 9110 section 7.6.1). Before anything is judged or set: a sender must not have a field judged that its own
     * {@code Connection} keeps from the application, nor name one of ours (CVE-2024-45410).
     */
    public void dropHopByHop() {
        for (int i = 0; i < count; i++) {
            if (is(i, Field.CONNECTION) && !dropped[i]) {
                for (int at = valueFrom(i); at < valueTo(i); ) {
                    int to = itemEnd(at, valueTo(i));
                    dropNamed(trimFrom(at, to), trimTo(at, to));
                    at = to + 1;
                }
            }
        }
        drop(Field.HOP_BY_HOP);
    }

    private void dropNamed(int from, int to) {
        if (Octets.sameInAnyCase(bytes, from, to, "close") || Octets.sameInAnyCase(bytes, from, to, "keep-alive")) {
            return;
        }
        for (int i = 0; i < count; i++) {
            int row = i * STRIDE;
            // Not Connection either: one that named another would keep it from being obeyed.
            if (!Field.NEVER_NAMED.contains(field(i))
                    && !is(i, Field.CONNECTION)
                    && sameName(from, to, table[row], table[row + COLON])) {
                dropped[i] = true;
            }
        }
    }

    private boolean sameName(int from, int to, int otherFrom, int otherTo) {
        if (to == from || to - from != otherTo - otherFrom) {
            return false;
        }
        for (int i = 0; i < to - from; i++) {
            if (Octets.folded(bytes[from + i]) != Octets.folded(bytes[otherFrom + i])) {
                return false;
            }
        }
        return true;
    }

    /** Drops every field that asserts an identity, in any spelling. */
    public void dropIdentity() {
        drop(Field.IDENTITY);
    }

    void dropAll() {
        for (int i = 0; i < count; i++) {
            dropped[i] = true;
        }
    }

    /** Drops what may not stand in a trailer. */
    void dropUntrailing() {
        drop(Field.NEVER_TRAILING);
    }

    /** One more field, {@code name} in lower case with {@code -}, the value in visible ASCII: any other octet becomes {@code ?}, for a line break in a value would be a field of its choice. What the sender said under that name must have been dropped before. */
    public void add(String name, String value) {
        int from = size;
        ensure(size + name.length() + value.length() + 4);
        int colon = ascii(name, from);
        bytes[colon] = ':';
        bytes[colon + 1] = ' ';
        added(name, from, colon, ascii(value, colon + 2));
    }

    /** In place of whatever was said under this name. */
    public void set(Field field, String value) {
        drop(field);
        add(field.text(), value);
    }

    /** The same with [0, length) of {@code ascii}, which must be visible ASCII. */
    public void add(String name, byte[] ascii, int length) {
        int from = size;
        ensure(size + name.length() + length + 4);
        int colon = ascii(name, from);
        bytes[colon] = ':';
        bytes[colon + 1] = ' ';
        int valueTo = colon + 2 + length;
        System.arraycopy(ascii, 0, bytes, colon + 2, length);
        added(name, from, colon, valueTo);
    }

    private void added(String name, int from, int colon, int valueTo) {
        bytes[valueTo] = '\r';
        bytes[valueTo + 1] = '\n';
        size = valueTo + 2;
        int hash = Field.hash(Octets.folded(name));
        remember(from, colon, colon + 2, valueTo, size, hash, Field.of(bytes, from, colon, hash));
    }

    private int ascii(String text, int from) {
        int at = from;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes[at++] = c >= 0x20 && c < 0x7f ? (byte) c : (byte) '?';
        }
        return at;
    }

    /** Every field that goes on, as it came or was set, then the empty line. Neighbours go in one copy. */
    void writeFields(ByteBuf out) {
        int i = 0;
        while (i < count) {
            int from = table[i * STRIDE];
            int to = from;
            while (i < count && !dropped[i] && table[i * STRIDE] == to) {
                to = table[i * STRIDE + END];
                i++;
            }
            if (to > from) {
                out.writeBytes(bytes, from, to - from);
            } else if (dropped[i]) {
                i++;
            }
        }
        out.writeShort('\r' << 8 | '\n');
    }

    /** Of {@link #writeFields}, at most. */
    int writtenBytesMax() {
        return size + 2;
    }
}
