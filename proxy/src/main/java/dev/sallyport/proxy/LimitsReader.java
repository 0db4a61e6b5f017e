package dev.sallyport.proxy;

import dev.sallyport.document.Fields;
import dev.sallyport.proxy.http.Limits;
import java.time.Duration;
import java.util.Optional;

/** {@code limits:} of a sidecar's configuration: what is not said is as {@link Limits#standard}; each has bounds of its own, beyond which it would protect nobody or serve nobody. */
record LimitsReader(Fields fields) {
    private static final Limits STANDARD = Limits.standard();
    private static final Duration TIMER_MIN = Duration.ofMillis(100);

    static Limits read(Optional<Fields> section) {
        if (section.isEmpty()) {
            return STANDARD;
        }
        Limits limits = new LimitsReader(section.get()).limits();
        section.get().done();
        return limits;
    }

    private Limits limits() {
        return new Limits(
                number("requestLineBytes", STANDARD.requestLineBytes(), 256, 64 * 1024),
                number("headBytes", STANDARD.headBytes(), 1024, 256 * 1024),
                number("headers", STANDARD.headers(), 8, 1000),
                (long) number("requestBodyMebibytes", (int) (STANDARD.requestBodyBytes() >> 20), 1, 1 << 24) << 20,
                time("requestHead", STANDARD.requestHead(), Duration.ofMinutes(5)),
                time("keepAlive", STANDARD.keepAlive(), Duration.ofHours(1)),
                time("connect", STANDARD.connect(), Duration.ofMinutes(1)),
                time("handshake", STANDARD.handshake(), Duration.ofMinutes(1)),
                time("queue", STANDARD.queue(), Duration.ofMinutes(1)),
                time("responseHead", STANDARD.responseHead(), Duration.ofHours(1)),
                time("bodyProgress", STANDARD.bodyProgress(), Duration.ofHours(1)),
                number("bodyBytesPerSecond", STANDARD.bodyBytesPerSecond(), 1, 1 << 20),
                time("auditRecord", STANDARD.auditRecord(), Duration.ofMinutes(1)),
                fields.duration("auditInterval", STANDARD.auditInterval(), Duration.ofSeconds(1), Duration.ofHours(1)),
                number("refusalsPerSecond", STANDARD.refusalsPerSecond(), 1, 10_000),
                time("applicationIdle", STANDARD.applicationIdle(), Duration.ofHours(1)),
                time("meshIdle", STANDARD.meshIdle(), Duration.ofHours(1)),
                time("connectionAge", STANDARD.connectionAge(), Duration.ofDays(7)),
                number("connectionsPerLoop", STANDARD.connectionsPerLoop(), 1, 1_000_000),
                number("handshakesPerSecond", STANDARD.handshakesPerSecond(), 1, 100_000),
                number("requestsPerLoop", STANDARD.requestsPerLoop(), 1, 1_000_000),
                number("connectionsPerEndpoint", STANDARD.connectionsPerEndpoint(), 1, 65_535),
                number("discardedBodyBytes", STANDARD.discardedBodyBytes(), 0, 1 << 24),
                number("replayBytes", STANDARD.replayBytes(), 0, 1 << 20),
                number("memoryPercent", STANDARD.memoryPercent(), 10, 99),
                number("newTokensPerSecond", STANDARD.newTokensPerSecond(), 1, 100_000),
                fields.duration("userGrace", STANDARD.userGrace(), Duration.ZERO, Duration.ofSeconds(30)));
    }

    private int number(String key, int standard, int min, int max) {
        return fields.integer(key, standard, min, max);
    }

    private Duration time(String key, Duration standard, Duration max) {
        return fields.duration(key, standard, TIMER_MIN, max);
    }
}
