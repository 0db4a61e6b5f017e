package dev.sallyport.audit.tlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** RFC 6962 section 2.1 as it is written, over all entries at once: what the tiles must agree with. */
final class Reference {
    private static final TreeHasher HASHER = new TreeHasher();

    private Reference() {}

    static List<byte[]> entries(int from, int to) {
        List<byte[]> entries = new ArrayList<>();
        for (int i = from; i < to; i++) {
            entries.add(("entry " + i).getBytes(StandardCharsets.UTF_8));
        }
        return entries;
    }

    static Hash root(List<byte[]> entries) {
        if (entries.isEmpty()) {
            return TreeHasher.empty();
        }
        if (entries.size() == 1) {
            return HASHER.leaf(entries.getFirst());
        }
        int k = Integer.highestOneBit(entries.size() - 1);
        return HASHER.node(root(entries.subList(0, k)), root(entries.subList(k, entries.size())));
    }

    static List<Hash> inclusion(int index, List<byte[]> entries) {
        if (entries.size() == 1) {
            return new ArrayList<>();
        }
        int k = Integer.highestOneBit(entries.size() - 1);
        List<byte[]> left = entries.subList(0, k);
        List<byte[]> right = entries.subList(k, entries.size());
        List<Hash> path = index < k ? inclusion(index, left) : inclusion(index - k, right);
        path.add(root(index < k ? right : left));
        return path;
    }

    static List<Hash> consistency(int old, List<byte[]> entries, boolean whole) {
        if (old == entries.size()) {
            return whole ? new ArrayList<>() : new ArrayList<>(List.of(root(entries)));
        }
        int k = Integer.highestOneBit(entries.size() - 1);
        List<byte[]> left = entries.subList(0, k);
        List<byte[]> right = entries.subList(k, entries.size());
        List<Hash> proof = old <= k ? consistency(old, left, whole) : consistency(old - k, right, false);
        proof.add(root(old <= k ? right : left));
        return proof;
    }
}
