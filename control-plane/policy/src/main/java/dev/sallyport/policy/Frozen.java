package dev.sallyport.policy;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Immutable sorted copies: what a document says in another order is the same document, with the same digest. */
final class Frozen {
    private Frozen() {}

    static <K extends Comparable<K>, V> SortedMap<K, V> map(Map<K, V> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }

    static <T extends Comparable<T>> SortedSet<T> set(Collection<T> items) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(items));
    }
}
