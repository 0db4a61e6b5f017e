package dev.sallyport.proxy.exchange;

import java.time.Duration;

/** Whether a sender is so slow that it only holds the connection: fewer bytes a second than it must send, measured over a window in which nobody kept it waiting. Event loop only. */
final class Pace {
    private static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();

    private final long bytesMin;
    private long since;
    private long bytesThen;

    Pace(int bytesPerSecond) {
        this.bytesMin = bytesPerSecond * Duration.ofNanos(WINDOW_NANOS).toSeconds();
    }

    /** A body begins, or goes on after we held it up; {@code bytes} have come so far. */
    void restart(long bytes, long nanoTime) {
        since = nanoTime;
        bytesThen = bytes;
    }

    /** More has come: {@code bytes} so far. */
    boolean tooSlow(long bytes, long nanoTime) {
        if (nanoTime - since < WINDOW_NANOS) {
            return false;
        }
        boolean slow = bytes - bytesThen < bytesMin;
        restart(bytes, nanoTime);
        return slow;
    }
}
