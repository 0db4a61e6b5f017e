package dev.sallyport.audit.tlog;

import java.util.List;

/**
 * Whom a verifier believes. {@code keys}: of the log; each of them must have signed, also the older checkpoints. {@code witnesses}: of others; at least {@code cosignatures} of them, by name. {@code since}: older
 * checkpoints that somebody kept, of this log, which the log must still contain.
 */
public record Trust(List<NoteVerifier> keys, List<NoteVerifier> witnesses, int cosignatures, List<SignedNote> since) {
    public Trust {
        keys = List.copyOf(keys);
        witnesses = List.copyOf(witnesses);
        since = List.copyOf(since);
    }

    /** The log's operator alone. */
    public static Trust operator(List<NoteVerifier> keys) {
        return new Trust(keys, List.of(), 0, List.of());
    }
}
