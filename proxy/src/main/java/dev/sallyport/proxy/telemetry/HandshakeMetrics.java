package dev.sallyport.proxy.telemetry;

import static dev.sallyport.proxy.telemetry.ProxyMetrics.in;

import dev.sallyport.proxy.telemetry.Connections.Direction;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** TLS handshakes by what came of them. Event loops add, a scrape reads. */
public final class HandshakeMetrics {
    /** Of one connection. */
    public enum Result {
        SUCCESS,
        /** It proved no identity, or another than the expected one. */
        REFUSED,
        /** Outbound: it came to no end, and nobody was refused. */
        FAILED,
        /** Inbound: closed before its handshake, there were too many a second. */
        SHED;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** {@code refused}. */
        public String word() {
            return word;
        }
    }

    private final Map<Direction, Map<Result, LongAdder>> handshakes = new EnumMap<>(Direction.class);

    HandshakeMetrics() {
        for (Direction direction : Direction.values()) {
            Map<Result, LongAdder> results = new EnumMap<>(Result.class);
            for (Result result : Result.values()) {
                results.put(result, new LongAdder());
            }
            handshakes.put(direction, results);
        }
    }

    public void ended(Direction direction, Result result) {
        in(in(handshakes, direction), result).increment();
    }

    public long count(Direction direction, Result result) {
        return in(in(handshakes, direction), result).sum();
    }
}
