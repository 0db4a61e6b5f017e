package dev.sallyport.proxy.opa;

import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.telemetry.OpaMetrics;
import java.util.Optional;

/** One OPA as one event loop sees it: the questions under way, and whether it answers at all. */
final class Agent {
    private final Breaker breaker;
    private final OpaMetrics metrics;
    private int underWay;
    private long askedAt;

    Agent(Breaker breaker, OpaMetrics metrics) {
        this.breaker = breaker;
        this.metrics = metrics;
    }

    /** Why it is not asked now. Empty: one more question is under way, and {@link #ended} must follow. There is no queue: whoever waits behind a slow OPA only learns later that it is slow. */
    Optional<String> refusal(int concurrency, long now) {
        askedAt = now;
        if (underWay >= concurrency) {
            return Optional.of(underWay + " questions under way (expected: at most " + concurrency + ")");
        }
        if (!breaker.admits()) {
            return Optional.of("not asked: its last questions failed");
        }
        underWay++;
        return Optional.empty();
    }

    /** {@code alive}: it gave a whole response in time, whatever that says; a rule with a wrong path must not close the way for the others. */
    void ended(boolean alive, String detail) {
        boolean wasOpen = breaker.open();
        underWay--;
        if (alive) {
            breaker.answered();
        } else {
            breaker.failed();
        }
        if (!wasOpen && breaker.open()) {
            metrics.breakerOpened();
            Log.warn("OPA is not asked for a while", "detail", detail);
        } else if (wasOpen && !breaker.open()) {
            metrics.breakerClosed();
            Log.info("OPA answers again", "detail", detail);
        }
    }

    /** Whether it retires, which takes it off the metrics: nothing is under way, and nothing was asked since before {@code oldest}. */
    boolean retires(long oldest) {
        boolean unused = underWay == 0 && askedAt - oldest < 0;
        if (unused && breaker.open()) {
            metrics.breakerClosed();
        }
        return unused;
    }
}
