package dev.sallyport.proxy.telemetry;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Connections that were ended although somebody used them, or might have; counted by event loops, read by a scrape. */
public final class ConnectionMetrics {
    /** Why a connection may not live longer. */
    public enum End {
        AGE("connection is as old as it may be"),
        /** Our own or the peer's is over. */
        CERTIFICATE("certificate ends"),
        /** The peer's, by its serial or with its identity. */
        REVOKED("certificate revoked"),
        /** The peer's no longer leads to a root of its trust domain. */
        UNTRUSTED("certificate no longer trusted"),
        DRAIN("cut at the end of the drain");

        private final String detail;
        private final String word = name().toLowerCase(Locale.ROOT);

        End(String detail) {
            this.detail = detail;
        }

        /** For the record of what was under way. */
        public String detail() {
            return detail;
        }

        /** {@code revoked}. */
        public String word() {
            return word;
        }

        /** Whether the peer is nobody any more, and not merely the connection at its end. */
        public boolean ofPeer() {
            return this == REVOKED || this == UNTRUSTED;
        }
    }

    private final Map<End, LongAdder> ended = new EnumMap<>(End.class);

    public ConnectionMetrics() {
        for (End why : End.values()) {
            ended.put(why, new LongAdder());
        }
    }

    public void ended(End why) {
        ProxyMetrics.in(ended, why).increment();
    }

    public long count(End why) {
        return ProxyMetrics.in(ended, why).sum();
    }
}
