package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A drill: for a while nothing is signed for anybody, as if the authority were dead. Ends by itself, and with this process. Any thread. */
public final class SigningPause {
    /** Of a dead authority nobody knows when it is back. */
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private final LongSupplier nanos;
    private volatile Optional<Running> running = Optional.empty();

    private record Running(String by, long from, Duration length) {}

    /** {@code nanos}: as {@link System#nanoTime}; a clock that is set must not make an outage of a drill. */
    public SigningPause(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** From now on, for {@code length}; false, and nothing changes, while another one is under way. */
    public synchronized boolean begin(Duration length, String by) {
        if (left().isPresent()) {
            return false;
        }
        running = Optional.of(new Running(by, nanos.getAsLong(), length));
        return true;
    }

    /** At once; without effect when none is under way. */
    public synchronized void end() {
        running = Optional.empty();
    }

    /** Until the end of the one under way. */
    public Optional<Duration> left() {
        return running.map(this::left).filter(Duration::isPositive);
    }

    private Duration left(Running current) {
        return current.length().minusNanos(nanos.getAsLong() - current.from());
    }

    /** Asked before anything is signed for a sidecar. */
    public void check() throws AuthorityUnavailableException {
        Optional<Running> current = running.filter(one -> left(one).isPositive());
        if (current.isPresent()) {
            throw new AuthorityUnavailableException(
                    "authority: a drill of " + current.get().by() + " lets it sign nothing for another "
                            + TimeUnit.MILLISECONDS.toSeconds(
                                    left(current.get()).toMillis()) + " s",
                    RETRY_AFTER);
        }
    }
}
