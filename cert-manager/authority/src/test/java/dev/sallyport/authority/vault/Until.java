package dev.sallyport.authority.vault;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for a fact, not for a time. */
public final class Until {
    private Until() {}

    public static void holds(String what, Duration within, Callable<Boolean> fact) throws Exception {
        long end = System.nanoTime() + within.toNanos();
        while (!fact.call()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + within + ": " + what);
            }
            Thread.sleep(20);
        }
    }
}
