package dev.sallyport.server.collector;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Leaves that become durable together, the first of which has the index {@code first} in the tiled log. {@code seal}: the last leaf, where it is one. */
record Frame(long first, List<byte[]> leaves, Optional<SealLeaf> seal) {
    Frame {
        leaves = List.copyOf(leaves);
    }

    /** As the journal has it. */
    static Frame of(long first, List<byte[]> leaves) throws IOException {
        return new Frame(first, leaves, SealLeaf.parse(leaves.getLast()));
    }

    /** The index after its last leaf. */
    long end() {
        return first + leaves.size();
    }

    long bytes() {
        return leaves.stream().mapToLong(leaf -> leaf.length).sum();
    }
}
