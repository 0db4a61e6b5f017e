package dev.sallyport.proxy.telemetry;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What became of users and their tokens; counted by event loops, read by a scrape. */
public final class UserMetrics {
    /** Of a request that the application sent on. */
    public enum Carried {
        /** Nothing was claimed. */
        NONE,
        ATTACHED,
        /** A handle that is none, or whose request has ended. */
        ENDED,
        /** More than one handle, or a span of another request than the handle's. */
        AMBIGUOUS,
        /** The user's proof is over, or nobody lets this service vouch any more. */
        EXPIRED;

        private final String word = name().toLowerCase(Locale.ROOT);

        /** {@code attached}. */
        public String word() {
            return word;
        }
    }

    private final Map<Carried, LongAdder> carried = new EnumMap<>(Carried.class);
    private final LongAdder unjudged = new LongAdder();
    private final LongAdder stranded = new LongAdder();

    UserMetrics() {
        for (Carried outcome : Carried.values()) {
            carried.put(outcome, new LongAdder());
        }
    }

    public void carried(Carried outcome) {
        ProxyMetrics.in(carried, outcome).increment();
    }

    /** A token that nobody looked at: its peer had sent too many new ones. */
    public void unjudgedToken() {
        unjudged.increment();
    }

    /** A user who goes no further: too many were under way. */
    public void strandedUser() {
        stranded.increment();
    }

    public long count(Carried outcome) {
        return ProxyMetrics.in(carried, outcome).sum();
    }

    public long unjudgedTokens() {
        return unjudged.sum();
    }

    public long strandedUsers() {
        return stranded.sum();
    }
}
