package dev.sallyport.audit;

import java.util.Arrays;

/** The names of a line's objects, to see one that comes twice. Emptied at once by a new stamp; no garbage. One thread. */
final class NameTable {
    /** More than any record has: a hundred of its own, and four maps of 64. */
    private static final int NAMES_MAX = 1024;

    private static final int SLOTS = 2 * NAMES_MAX;

    private final int[] stamps = new int[SLOTS];
    private final int[] objects = new int[SLOTS];
    private final int[] froms = new int[SLOTS];
    private final int[] tos = new int[SLOTS];
    private byte[] line = {};
    private int stamp;
    private int count;

    void begin(byte[] bytes) {
        line = bytes;
        count = 0;
        stamp++;
        if (stamp == 0) { // After four thousand million lines.
            Arrays.fill(stamps, 0);
            stamp = 1;
        }
    }

    /** False when the object has it already, or the line too many. {@code hash}: of the name's bytes. */
    boolean add(int object, int from, int to, int hash) {
        if (++count > NAMES_MAX) {
            return false;
        }
        int mixed = (hash + object) * 0x9e3779b9;
        int slot = (mixed ^ mixed >>> 15) & SLOTS - 1;
        while (stamps[slot] == stamp) {
            if (objects[slot] == object && Arrays.equals(line, froms[slot], tos[slot], line, from, to)) {
                return false;
            }
            slot = slot + 1 & SLOTS - 1;
        }
        stamps[slot] = stamp;
        objects[slot] = object;
        froms[slot] = from;
        tos[slot] = to;
        return true;
    }
}
