package dev.sallyport.server.records;

/** A set of places in a block. Not thread-safe. */
final class Bits {
    private static final int WORDS = Block.SIZE / Long.SIZE;

    private final long[] words = new long[WORDS];

    void set(int place) {
        words[place >>> 6] |= 1L << place;
    }

    /** 64 places at once, from {@code 64 * word} on. */
    void word(int word, long bits) {
        words[word] = bits;
    }

    long word(int word) {
        return words[word];
    }

    void or(Bits other) {
        for (int i = 0; i < WORDS; i++) {
            words[i] |= other.words[i];
        }
    }

    void and(Bits other) {
        for (int i = 0; i < WORDS; i++) {
            words[i] &= other.words[i];
        }
    }

    boolean isEmpty() {
        for (long word : words) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    /** The greatest place below {@code before}, or -1. */
    int last(int before) {
        if (before <= 0) {
            return -1;
        }
        int word = (before - 1) >>> 6;
        long bits = words[word] & (-1L >>> (63 - ((before - 1) & 63)));
        while (bits == 0) {
            if (--word < 0) {
                return -1;
            }
            bits = words[word];
        }
        return (word << 6) + 63 - Long.numberOfLeadingZeros(bits);
    }

    /** The least place above {@code after}, or -1. */
    int first(int after) {
        int place = after + 1;
        if (place >= Block.SIZE) {
            return -1;
        }
        int word = place >>> 6;
        long bits = words[word] & (-1L << place);
        while (bits == 0) {
            if (++word == WORDS) {
                return -1;
            }
            bits = words[word];
        }
        return (word << 6) + Long.numberOfTrailingZeros(bits);
    }
}
