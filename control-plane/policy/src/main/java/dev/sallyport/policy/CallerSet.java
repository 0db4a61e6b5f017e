package dev.sallyport.policy;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Some of the identities of a Mesh by their numbers. Compared by identity: {@link MeshIndex#set} makes one for equal callers. */
final class CallerSet {
    private final long[] words;
    private final int size;

    CallerSet(int size) {
        this.size = size;
        this.words = new long[(size + 63) >>> 6];
    }

    void add(int caller) {
        words[caller >>> 6] |= 1L << caller;
    }

    void addAll() {
        Arrays.fill(words, -1);
    }

    /** False for {@link MeshIndex#UNKNOWN}. */
    boolean contains(int caller) {
        return caller >= 0 && (words[caller >>> 6] >>> caller & 1) != 0;
    }

    IntStream members() {
        return IntStream.range(0, size).filter(this::contains);
    }
}
