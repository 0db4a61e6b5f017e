package dev.sallyport.server.collector;

import java.util.List;

/** Leaves that become durable together, the first of which has the index {@code first} in the tiled log. */
record Frame(long first, List<byte[]> leaves) {
    Frame {
        leaves = List.copyOf(leaves);
    }

    /** The index after its last leaf. */
    long end() {
        return first + leaves.size();
    }

    long bytes() {
        return leaves.stream().mapToLong(leaf -> leaf.length).sum();
    }
}
