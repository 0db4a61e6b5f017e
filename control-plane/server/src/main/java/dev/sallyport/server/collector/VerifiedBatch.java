package dev.sallyport.server.collector;

import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.SpiffeId;
import java.util.List;

/** A batch whose seal and lines hold: {@code identity} sealed exactly these lines, in this order. Where it stands in its stream has still to be seen. */
record VerifiedBatch(StreamName stream, SpiffeId identity, SealedBatch.Seal seal, List<RecordLine> lines) {
    VerifiedBatch {
        lines = List.copyOf(lines);
    }

    /** The line with this number, which is one of the batch's. */
    RecordLine line(long number) {
        return lines.get((int) (number - seal.first()));
    }

    /** Bytes of the lines. */
    long bytes() {
        return lines.stream().mapToLong(line -> line.bytes().length).sum();
    }
}
