package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.Hash;
import dev.sallyport.audit.tlog.NoteSignature;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.audit.tlog.WitnessRequest;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.Targets;
import java.io.IOException;
import java.util.List;

/**
 * Offers checkpoints to one witness (C2SP tlog-witness, {@code add-checkpoint}) and knows which tree it has cosigned last. Blocks, at most twice as long as one {@link Fetch}. One
 * thread at a time.
 */
final class WitnessClient {
    private static final int NOT_CONSISTENT = 422;

    /** What it takes to send a text and get an answer. */
    @FunctionalInterface
    public interface Transport {
        Fetch.Answer post(Targets targets, byte[] body) throws IOException, InterruptedException;
    }

    private final WitnessAddress witness;
    private final Transport transport;
    private final TiledLog tiled;
    private long cosigned;

    WitnessClient(WitnessAddress witness, Transport transport, TiledLog tiled) {
        this.witness = witness;
        this.transport = transport;
        this.tiled = tiled;
    }

    WitnessAddress witness() {
        return witness;
    }

    /** Its cosignatures, verified. IOException says why there is none; {@link WitnessDisagreesException}: it has seen another log than ours, or a longer one. */
    List<NoteSignature> cosign(Checkpoint checkpoint, SignedNote note) throws IOException, InterruptedException {
        WitnessRequest.Answer answer = offer(checkpoint, note);
        if (answer instanceof WitnessRequest.Answer.Conflict(long size)) {
            if (size > checkpoint.size()) {
                throw new WitnessDisagreesException("it has cosigned a log of " + size + " leaves (expected: at most "
                        + checkpoint.size() + ", which this log has)");
            }
            cosigned = size;
            answer = offer(checkpoint, note);
        }
        return switch (answer) {
            case WitnessRequest.Answer.Cosigned(List<NoteSignature> signatures) -> {
                cosigned = checkpoint.size();
                yield signatures;
            }
            case WitnessRequest.Answer.Conflict(long size) ->
                throw new IOException("it stands at " + size + " again and again (does another log ask it?)");
            case WitnessRequest.Answer.Refused(int status, String why) -> {
                String text = "status " + status + ": " + why;
                throw status == NOT_CONSISTENT ? new WitnessDisagreesException(text) : new IOException(text);
            }
        };
    }

    private WitnessRequest.Answer offer(Checkpoint checkpoint, SignedNote note)
            throws IOException, InterruptedException {
        List<Hash> proof = tiled.consistency(cosigned, checkpoint.size());
        WitnessRequest request = new WitnessRequest(cosigned, proof, note);
        Fetch.Answer answer = transport.post(witness.targets(), request.toBytes());
        return request.answer(answer.status(), answer.body(), witness.keys());
    }
}
