package dev.sallyport.proxy.ship;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.controlplane.Reply;
import java.time.Duration;
import java.util.Optional;

/** What the collector made of a batch. */
sealed interface Answer {
    /** It has everything up to this number. */
    record Received(long through) implements Answer {}

    /** It lacks what begins at this number. */
    record Missing(long expected) implements Answer {}

    /** Not now, or not at all: {@code why} is for people; {@code tooMuch}: the batch could not be brought over in time. */
    record Refused(String why, Optional<Duration> retryAfter, boolean tooMuch) implements Answer {}

    /** Of a reply to a batch of {@code stream}; what speaks of another stream is no answer to it. */
    static Answer of(Reply reply, String stream) {
        try {
            if (reply.status() == 200) {
                Wire.Receipt receipt = Wire.receipt(reply.body());
                return receipt.stream().equals(stream)
                        ? new Received(receipt.through())
                        : refused("a receipt for another stream");
            } else if (reply.status() == 409) {
                Wire.Gap gap = Wire.gap(reply.body());
                return gap.stream().equals(stream) ? new Missing(gap.expected()) : refused("a gap of another stream");
            }
        } catch (InvalidMessageException e) {
            return refused(String.valueOf(e.getMessage()));
        }
        return new Refused(reply.problem(), reply.retryAfter(), reply.status() == 413);
    }

    private static Refused refused(String why) {
        return new Refused(why, Optional.empty(), false);
    }
}
