package dev.sallyport.proxy.trace;

import java.time.Duration;
import java.util.Optional;

/** What became of one attempt to send a batch. */
sealed interface Answer {
    /** The collector has it, but for {@code rejected} spans. */
    record Taken(long rejected) implements Answer {}

    /** It will never take it. */
    record Refused(String why) implements Answer {}

    /** It may take it later; not before {@code wait}, if it says so. */
    record Later(String why, Optional<Duration> after) implements Answer {
        /** A collector that asks for more time does not get it. */
        private static final Duration WAIT_MAX = Duration.ofSeconds(30);

        public Later {
            after = after.map(asked -> asked.compareTo(WAIT_MAX) > 0 ? WAIT_MAX : asked);
        }
    }

    /** By the rules of OTLP over HTTP; {@code retryAfter} in seconds, or as whatever it was written. */
    static Answer of(int status, String retryAfter, byte[] body) {
        return switch (status) {
            case 429, 502, 503, 504 -> new Later("status " + status, seconds(retryAfter));
            default -> status / 100 == 2 ? new Taken(PartialSuccess.rejected(body)) : new Refused("status " + status);
        };
    }

    private static Optional<Duration> seconds(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Optional.of(Duration.ofSeconds(Long.parseLong(text))) : Optional.empty();
    }
}
