package dev.sallyport.cli.demo;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Waits for what other processes do, by looking again and again; never longer than its limit. */
final class Until {
    /** Something to look for. */
    @FunctionalInterface
    interface Look<T> {
        Optional<T> look() throws IOException, CliException, InterruptedException;
    }

    private static final Duration POLL = Duration.ofMillis(25);

    private Until() {}

    /** The first look that finds something; empty after {@code limit}. */
    static <T> Optional<T> within(Duration limit, Look<T> look) throws IOException, CliException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<T> found = look.look();
            if (found.isPresent() || System.nanoTime() - end >= 0) {
                return found;
            }
            Thread.sleep(POLL);
        }
    }

    /** As {@link #within}, for what cannot be done without. */
    static <T> T seen(String what, Duration limit, Look<T> look)
            throws IOException, CliException, InterruptedException {
        return within(limit, look)
                .orElseThrow(() ->
                        new CliException(ExitCode.TIMEOUT, what + ": not seen within " + limit.toSeconds() + " s"));
    }
}
