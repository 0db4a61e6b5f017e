package dev.sallyport.benchmarks.load;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * What is sent where, and for how long.
 *
 * @param request the bytes of one request, the same every time
 * @param responseBytes of the body that a right answer has
 * @param rate requests a second over all connections, on a fixed schedule (open loop); empty: the next as soon as the last is answered (closed loop)
 * @param warmUp before what counts, at the same rate
 * @param measured how long requests are sent that count
 */
public record Plan(
        InetSocketAddress target,
        byte[] request,
        int responseBytes,
        int connections,
        OptionalDouble rate,
        Duration warmUp,
        Duration measured) {

    /** The same on a schedule. */
    public Plan open(double requestsPerSecond, Duration warmUpFor, Duration measuredFor) {
        return new Plan(
                target,
                request,
                responseBytes,
                connections,
                OptionalDouble.of(requestsPerSecond),
                warmUpFor,
                measuredFor);
    }

    /** The same as fast as it is answered. */
    public Plan closed(Duration warmUpFor, Duration measuredFor) {
        return new Plan(target, request, responseBytes, connections, OptionalDouble.empty(), warmUpFor, measuredFor);
    }

    /** From one intended request to the next, over all connections; 0 in a closed loop. Whole nanoseconds: schedule and timer must not drift apart. */
    long intervalNanos() {
        return rate.isPresent() ? Math.round(1e9 / rate.getAsDouble()) : 0;
    }
}
