package dev.sallyport.audit.tlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Cosigns checkpoints of the logs that it knows, each consistent with all that it cosigned before (C2SP tlog-witness). What it has seen is on disk before a cosignature leaves, so that
 * no restart makes it sign a second history. Any thread; a log's checkpoints one after the other.
 */
public final class Witness implements Closeable {
    private final Map<String, WitnessedLog> logs; // by origin
    private final List<NoteSigner> signers;
    private final Clock clock;

    private final FolderLock lock;

    private Witness(FolderLock lock, Map<String, WitnessedLog> logs, List<NoteSigner> signers, Clock clock) {
        this.lock = lock;
        this.logs = logs;
        this.signers = List.copyOf(signers);
        this.clock = clock;
    }

    /**
     * {@code keys}: of the logs, whose origin is the key's name; {@code state}: a folder of its own. IOException when that cannot be read, is in use, or has seen logs that are not
     * among {@code keys}: their history would be forgotten.
     */
    public static Witness open(Path state, Collection<NoteVerifier> keys, List<NoteSigner> signers, Clock clock)
            throws IOException {
        FolderLock lock = FolderLock.take(state);
        try {
            Map<String, WitnessedLog> logs = new TreeMap<>();
            for (NoteVerifier key : keys) {
                List<NoteVerifier> ofLog = keys.stream()
                        .filter(other -> other.name().equals(key.name()))
                        .toList();
                logs.put(key.name(), WitnessedLog.open(state, key.name(), ofLog));
            }
            WitnessedLog.refuseOthers(state, logs.keySet());
            return new Witness(lock, logs, signers, clock);
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    /** An answer as HTTP has it. */
    public sealed interface Answer {
        /** 200: signature lines. */
        record Cosigned(List<NoteSignature> signatures) implements Answer {}

        /** 409: what it cosigned last has {@code size} entries. */
        record Conflict(long size) implements Answer {}

        /** Everything else: {@code status} 400, 403, 404, 422 or 500, and why. */
        record Refused(int status, String why) implements Answer {}
    }

    /** A request's body. Never throws: a witness that cannot write says so with 500. */
    public Answer addCheckpoint(byte[] body) {
        try {
            WitnessRequest request = WitnessRequest.parse(body);
            return add(request, Checkpoint.parse(request.note().text()));
        } catch (InvalidNoteException e) {
            return new Answer.Refused(400, String.valueOf(e.getMessage()));
        }
    }

    private Answer add(WitnessRequest request, Checkpoint checkpoint) {
        WitnessedLog log = logs.get(checkpoint.origin());
        if (log == null) {
            return new Answer.Refused(404, "origin: not a log that this witness knows");
        }
        try {
            request.note().verify(log.keys());
        } catch (InvalidNoteException e) {
            return new Answer.Refused(403, String.valueOf(e.getMessage()));
        }
        if (request.oldSize() > checkpoint.size()) {
            return new Answer.Refused(400, "old size: beyond the checkpoint's (expected: at most that)");
        }
        // One at a time, or an older checkpoint could overwrite the newer one that was checked beside it.
        synchronized (log) {
            Tree last = log.last();
            if (request.oldSize() != last.size()) {
                return new Answer.Conflict(last.size());
            }
            Optional<String> problem = inconsistency(last, checkpoint.tree(), request.proof());
            if (problem.isPresent()) {
                return new Answer.Refused(422, problem.get());
            }
            List<NoteSignature> cosignatures = signers.stream()
                    .map(signer -> signer.sign(request.note().text(), clock.instant()))
                    .toList();
            try {
                log.advance(checkpoint.tree(), request.note(), cosignatures);
            } catch (IOException e) {
                return new Answer.Refused(500, "state: cannot be written, so nothing is cosigned");
            }
            return new Answer.Cosigned(cosignatures);
        }
    }

    private static Optional<String> inconsistency(Tree last, Tree next, List<Hash> proof) {
        if (next.size() == 0 && !next.equals(Tree.EMPTY)) {
            return Optional.of("root: of an empty tree (expected: the hash of nothing)");
        }
        if (last.size() == 0) {
            return proof.isEmpty() ? Optional.empty() : Optional.of("proof: from an empty tree (expected: none)");
        }
        if (last.size() == next.size() && !last.root().equals(next.root())) {
            return Optional.of("root: another one than was cosigned for this size: the log has forked");
        }
        return MerkleProof.consistent(last, next, proof)
                ? Optional.empty()
                : Optional.of("proof: does not lead from the tree that was cosigned last to this one");
    }

    /** What was cosigned last for the log with this origin, its signatures and ours; empty for an unknown log, or before the first. */
    public Optional<SignedNote> latest(String origin) {
        WitnessedLog log = logs.get(origin);
        if (log == null) {
            return Optional.empty();
        }
        synchronized (log) {
            return log.latest();
        }
    }

    /** Of the logs that it knows. */
    public List<String> origins() {
        return List.copyOf(logs.keySet());
    }

    /** Gives the state's folder free. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
