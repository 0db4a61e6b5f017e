package dev.sallyport.proxy.trace;

import java.util.Arrays;

/** Protocol Buffers' wire format, as much of it as spans need; messages are nested by {@link #open} and {@link #close}. Reused; one thread. */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;
    /** A text that is longer is cut here: no collector needs it, and a batch has a bound. */
    static final int TEXT_CHARACTERS_MAX = 256;

    private byte[] bytes = new byte[1 << 12];
    private int size;

    void clear() {
        size = 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    int size() {
        return size;
    }

    /** Begins a message in {@code field}; {@link #close} takes what this returns. */
    int open(int field) {
        tag(field, LENGTH);
        room(1);
        return ++size;
    }

    /** Ends it: what is in it moves on where its length needs more than the one octet that was left for it. */
    void close(int start) {
        int length = size - start;
        int more = varintBytes(length) - 1;
        room(more);
        System.arraycopy(bytes, start, bytes, start + more, length);
        size = start - 1;
        varint(length);
        size += length;
    }

    void number(int field, long value) {
        tag(field, VARINT);
        varint(value);
    }

    void fixed64(int field, long value) {
        tag(field, FIXED64);
        fixed(value, 8);
    }

    void fixed32(int field, int value) {
        tag(field, FIXED32);
        fixed(value, 4);
    }

    /** Eight octets, the highest first: an id. */
    void id(int field, long value) {
        tag(field, LENGTH);
        varint(8);
        bigEndian(value);
    }

    /** Sixteen. */
    void id(int field, long high, long low) {
        tag(field, LENGTH);
        varint(16);
        bigEndian(high);
        bigEndian(low);
    }

    /** In visible ASCII: any other character becomes {@code ?}, for whoever reads it may do so in a terminal. */
    void text(int field, String value) {
        int length = Math.min(value.length(), TEXT_CHARACTERS_MAX);
        tag(field, LENGTH);
        varint(length);
        room(length);
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            bytes[size++] = c >= 0x20 && c < 0x7f ? (byte) c : (byte) '?';
        }
    }

    private void tag(int field, int type) {
        varint((long) field << 3 | type);
    }

    private void varint(long value) {
        room(10);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes[size++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        bytes[size++] = (byte) left;
    }

    private static int varintBytes(int value) {
        return Math.max(1, (38 - Integer.numberOfLeadingZeros(value)) / 7);
    }

    private void fixed(long value, int octets) {
        room(octets);
        for (int i = 0; i < octets; i++) {
            bytes[size++] = (byte) (value >>> (8 * i));
        }
    }

    private void bigEndian(long value) {
        room(8);
        for (int i = 7; i >= 0; i--) {
            bytes[size++] = (byte) (value >>> (8 * i));
        }
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }
}
