package dev.sallyport.policy;

import org.jspecify.annotations.Nullable;

/** Segments → values, found by a part of a path without copying it out: open addressing over {@link String#hashCode}. Keys are the policy's, so that no caller can make them collide. */
final class SegmentMap<V> {
    private static final int GOLDEN_RATIO = 0x9E3779B9; // 2^32 / φ

    private @Nullable String[] keys = {};
    private @Nullable Object[] values = {};
    private int size;

    /** Only while it is built. {@code key} is new. */
    void put(String key, V value) {
        if (4 * (size + 1) > 3 * keys.length) {
            grow();
        }
        insert(key, value);
        size++;
    }

    private void grow() {
        @Nullable String[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        int capacity = Math.max(2, 2 * oldKeys.length);
        keys = new @Nullable String[capacity];
        values = new @Nullable Object[capacity];
        for (int i = 0; i < oldKeys.length; i++) {
            String key = oldKeys[i];
            if (key != null) {
                insert(key, oldValues[i]);
            }
        }
    }

    private void insert(String key, @Nullable Object value) {
        int at = slot(key.hashCode());
        while (keys[at] != null) {
            at = at + 1 & keys.length - 1;
        }
        keys[at] = key;
        values[at] = value;
    }

    /** Fibonacci hashing: segments that are counted ({@code part998}, {@code part999}) have hashes in a row, which would make one long run of probes. */
    private int slot(int hash) {
        return hash * GOLDEN_RATIO >>> Integer.numberOfLeadingZeros(keys.length) + 1;
    }

    @Nullable
    V get(String key) {
        return get(key, 0, key.length(), key.hashCode());
    }

    /** By {@code path[start, end)}, whose {@link String#hashCode} is {@code hash}. */
    @SuppressWarnings("unchecked") // only put writes values
    @Nullable
    V get(String path, int start, int end, int hash) {
        if (size == 0) {
            return null;
        }
        for (int at = slot(hash); ; at = at + 1 & keys.length - 1) {
            String key = keys[at];
            if (key == null) {
                return null;
            }
            if (key.length() == end - start && path.startsWith(key, start)) {
                return (V) values[at];
            }
        }
    }
}
