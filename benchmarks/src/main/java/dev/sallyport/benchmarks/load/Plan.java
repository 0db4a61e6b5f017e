package dev.sallyport.benchmarks.load;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What is sent where, and for how long.
 *
 * @param requests the bytes of one request each, in turn and again from the first
 * @param responseBytes of the body that a right answer has
 * @param rate requests a second over all connections, on a fixed schedule (open loop); empty: the next as soon as the last is answered (closed loop)
 * @param warmUp before what counts, at the same rate
 * @param measured how long requests are sent that count
 */
public record Plan(
        InetSocketAddress target,
        List<byte[]> requests,
        int responseBytes,
        int connections,
        OptionalDouble rate,
        Duration warmUp,
        Duration measured) {
    public Plan {
        requests = List.copyOf(requests);
    }

    /** The same on a schedule. */
    public Plan open(double requestsPerSecond, Duration warmUpFor, Duration measuredFor) {
        return new Plan(
                target,
                requests,
                responseBytes,
                connections,
                OptionalDouble.of(requestsPerSecond),
                warmUpFor,
                measuredFor);
    }

    /** The same as fast as it is answered. */
    public Plan closed(Duration warmUpFor, Duration measuredFor) {
        return new Plan(target, requests, responseBytes, connections, OptionalDouble.empty(), warmUpFor, measuredFor);
    }

    /** From one intended request to the next, over all connections; 0 in a closed loop. Whole nanoseconds: schedule and timer must not drift apart. */
    long intervalNanos() {
        return rate.isPresent() ? Math.round(1e9 / rate.getAsDouble()) : 0;
    }
}
