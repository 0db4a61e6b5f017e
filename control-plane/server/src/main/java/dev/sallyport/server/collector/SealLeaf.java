package dev.sallyport.server.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * The leaf after the records of a batch: who sealed them and how, so that an auditor need not believe the collector, and how many stand before it, so that the collector finds its
 * streams again in the log alone. {@code records}: fewer than the seal covers when the first ones had come before.
 */
record SealLeaf(StreamName stream, SpiffeId identity, SealedBatch.Seal seal, int records, boolean end, Instant at) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] MARK = (AuditFields.EVENT_SEAL + "\",").getBytes(StandardCharsets.US_ASCII);

    static SealLeaf of(VerifiedBatch batch, int from, Instant now) {
        return new SealLeaf(
                batch.stream(),
                batch.identity(),
                batch.seal(),
                batch.lines().size() - from,
                batch.lines().getLast().isEnd(),
                now);
    }

    /** The number of the first record before the leaf. */
    long first() {
        return seal.last() - records + 1;
    }

    /** The stream's state once this is durable; {@code before} may be empty. */
    StreamState applied(Optional<StreamState> before) {
        return before.orElseGet(() -> StreamState.begin(stream, identity, at)).after(seal.last(), seal.head(), end, at);
    }

    byte[] toBytes() {
        LeafText text = new LeafText(AuditFields.EVENT_SEAL, at)
                .text(AuditFields.ACTOR_ID, identity.toString())
                .text(AuditFields.STREAM_ID, stream.text())
                .number(AuditFields.RECORDS, records);
        if (end) {
            text.text(AuditFields.PHASE, "end");
        }
        return text.object(AuditFields.SEAL, seal.toJson()).toBytes();
    }

    /** Empty for any other leaf. IOException: a seal that this program did not write. */
    static Optional<SealLeaf> parse(byte[] leaf) throws IOException {
        if (!marked(leaf)) {
            return Optional.empty();
        }
        JsonNode json = JSON.readTree(leaf);
        try {
            return Optional.of(new SealLeaf(
                    StreamName.parse(json.path(AuditFields.STREAM_ID).asText()),
                    SpiffeId.parse(json.path(AuditFields.ACTOR_ID).asText()),
                    SealedBatch.Seal.parse(JSON.writeValueAsBytes(json.path(AuditFields.SEAL))),
                    json.path(AuditFields.RECORDS).asInt(),
                    json.path(AuditFields.PHASE).asText().equals("end"),
                    at(json.path(AuditFields.TIMESTAMP).asText())));
        } catch (BatchRefusedException | InvalidSpiffeIdException | InvalidMessageException | NumberFormatException e) {
            throw new IOException("a seal in the tiled log: " + e.getMessage(), e);
        }
    }

    /** No sidecar's line may have such an event, and a text of one could not stand there. */
    private static boolean marked(byte[] leaf) {
        int at = LeafText.eventAt(leaf);
        return at >= 0
                && leaf.length > at + MARK.length
                && Arrays.equals(leaf, at, at + MARK.length, MARK, 0, MARK.length);
    }

    private static Instant at(String nanos) {
        int split = nanos.length() - 9;
        return Instant.ofEpochSecond(Long.parseLong(nanos.substring(0, split)), Long.parseLong(nanos.substring(split)));
    }
}
