package dev.sallyport.server.collector;

import dev.sallyport.contract.SealedBatch;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The lines of a batch, each of which follows the one before, from the hash that the seal begins with to the one that it ends with. */
final class SealedLines {
    private SealedLines() {}

    /** All of them, or a refusal that names the first one that does not hold. */
    static List<RecordLine> read(SealedBatch batch) throws BatchRefusedException {
        SealedBatch.Seal seal = batch.seal();
        LineReader reader = new LineReader();
        List<RecordLine> lines = new ArrayList<>();
        byte[] bytes = batch.lines();
        for (int at = 0; at < bytes.length; ) {
            String place = "record " + (seal.first() + lines.size());
            if (lines.size() > seal.last() - seal.first()) {
                throw LineReader.refused(place, "after the last one that is sealed");
            }
            int end = lineEnd(bytes, at);
            RecordLine line = reader.read(Arrays.copyOfRange(bytes, at, end), place);
            if (lines.isEmpty()) {
                beginsAsSealed(line, seal, place);
            } else if (line.skipped() > 0) {
                throw LineReader.refused(place, "skips numbers (expected: only the first record of a batch does)");
            }
            ofItsStream(line, seal.stream(), place);
            lines.add(line);
            at = end + 1;
        }
        RecordLine last = lines.getLast(); // A batch has at least one.
        if (last.number() != seal.last() || !last.hash().equals(seal.head())) {
            throw new BatchRefusedException(
                    Reason.CHAIN,
                    "records " + seal.first() + " to " + last.number() + ", hash " + last.hash() + " (expected: to "
                            + seal.last() + ", hash " + seal.head() + ", as sealed)");
        }
        return lines;
    }

    /** From there on each line continues the one before, which the reader looks after. */
    private static void beginsAsSealed(RecordLine line, SealedBatch.Seal seal, String place)
            throws BatchRefusedException {
        if (line.number() != seal.first() || !line.previousHash().equals(seal.previousHash())) {
            throw LineReader.refused(
                    place,
                    "number " + line.number() + ", previous hash " + line.previousHash() + " (expected: " + seal.first()
                            + ", " + seal.previousHash() + ")");
        }
    }

    /** Records of one log must not be passed off as those of another: each header names its own, and no line may name another. */
    private static void ofItsStream(RecordLine line, String stream, String place) throws BatchRefusedException {
        if (line.number() == 1 && !line.isHeader()) {
            throw LineReader.refused(place, "no header (expected: as the first record of a stream)");
        }
        boolean named = line.isHeader() || !line.streamId().isEmpty();
        if (named && !line.streamId().equals(stream)) {
            throw new BatchRefusedException(Reason.STREAM, place + ": of another stream (expected: of " + stream + ")");
        }
    }

    /** A batch ends with a line feed, so there is one. */
    private static int lineEnd(byte[] bytes, int from) {
        int at = from;
        while (bytes[at] != '\n') {
            at++;
        }
        return at;
    }
}
