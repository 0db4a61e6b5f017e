package dev.sallyport.cli.load;

import java.time.Duration;

/**
 * How a load is sent.
 *
 * @param perSecond on a fixed schedule, whatever became of those before (open loop)
 * @param inFlightMax more than this at once are not sent: a slow machine gets less load, not a queue
 * @param drain how long answers may take when no more are sent
 */
public record Pace(int perSecond, int inFlightMax, Duration drain) {
    static final Pace STEADY = new Pace(200, 8, Duration.ofSeconds(20));

    long intervalNanos() {
        return Duration.ofSeconds(1).toNanos() / perSecond;
    }
}
