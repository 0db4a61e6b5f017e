package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Leaves that become durable together, the first of which has the index {@code first} in the tiled log. {@code seal}: the last leaf, where it is one. */
record Frame(long first, List<byte[]> leaves, Optional<SealLeaf> seal) {
    Frame {
        leaves = List.copyOf(leaves);
    }

    /** Refuses a leaf that the tiled log could not take: once it is in the journal nothing behind it would ever come into the log, and no start would read it. */
    static Frame taken(long first, List<byte[]> leaves, Optional<SealLeaf> seal) throws BatchRefusedException {
        for (byte[] leaf : leaves) {
            if (leaf.length > TiledLog.ENTRY_BYTES_MAX) {
                throw new BatchRefusedException(
                        Reason.FORM,
                        "leaf: " + leaf.length + " bytes (expected: at most " + TiledLog.ENTRY_BYTES_MAX + ")");
            }
        }
        return new Frame(first, leaves, seal);
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
