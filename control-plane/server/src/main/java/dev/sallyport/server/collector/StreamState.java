package dev.sallyport.server.collector;

import dev.sallyport.audit.ChainCheck;
import dev.sallyport.identity.SpiffeId;
import java.time.Instant;

/**
 * How far a stream has come: the number and hash of its newest record that is durable here, 0 and zeros before the first. {@code since} and {@code newest}: when its first and newest
 * records came; {@code ended}: its newest record says that the log ended well.
 */
record StreamState(
        StreamName name, SpiffeId identity, long last, String head, Instant since, Instant newest, boolean ended) {
    static StreamState begin(StreamName name, SpiffeId identity, Instant now) {
        return new StreamState(name, identity, 0, ChainCheck.GENESIS, now, now, false);
    }

    /** After these records, or those of the leaf. */
    StreamState after(long number, String hash, boolean end, Instant now) {
        return new StreamState(name, identity, number, hash, since, now, end);
    }
}
