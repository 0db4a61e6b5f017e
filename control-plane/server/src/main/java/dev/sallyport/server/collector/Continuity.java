package dev.sallyport.server.collector;

/** Where a batch stands in its stream. */
sealed interface Continuity {
    /** It continues the stream: its lines from {@code from} on (an index) are new. */
    record Next(int from) implements Continuity {}

    /** Its last record is the stream's newest: it has come before. */
    record Known() implements Continuity {}

    /** It ends before the stream's newest record: whether it is the same that came before has to be looked up. */
    record Older() implements Continuity {}

    /** Records before it are missing, from number {@code expected} on. */
    record Missing(long expected) implements Continuity {}

    /** Another record than the one that the log has under {@code number}, or another one before it. */
    record Fork(long number) implements Continuity {}

    static Continuity of(StreamState stream, VerifiedBatch batch) {
        long first = batch.seal().first();
        long last = batch.seal().last();
        // A header says which numbers a crash may have taken; the chain says that nothing was between.
        boolean continues =
                first == stream.last() + 1 + batch.lines().getFirst().skipped();
        if (first > stream.last() && !continues) {
            return new Missing(stream.last() + 1);
        }
        if (last < stream.last()) {
            return new Older();
        }
        // Both chains are hashes over all that was before: the same hash here is the same history up to here.
        String here = continues
                ? batch.seal().previousHash()
                : batch.line(stream.last()).hash();
        if (!here.equals(stream.head())) {
            return new Fork(stream.last());
        }
        return last == stream.last() ? new Known() : new Next(continues ? 0 : (int) (stream.last() + 1 - first));
    }
}
