package dev.sallyport.proxy.telemetry;

import static dev.sallyport.proxy.telemetry.ProxyMetrics.in;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Reason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What a change of policy would change: denials that {@code mode: observe} lets pass, and verdicts of a dry run that differ from the live ones. Event loops add, a scrape reads. */
public final class PolicyMetrics {
    /** A decision in one word. */
    public enum Verdict {
        ALLOW,
        DENY,
        ASK;

        /** The word of a decision. */
        public static Verdict of(Decision decision) {
            return switch (decision) {
                case Decision.Allow _ -> ALLOW;
                case Decision.Deny _ -> DENY;
                case Decision.Ask _ -> ASK;
            };
        }

        /** {@code allow}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Reason, LongAdder> observed = new EnumMap<>(Reason.class);
    private final Map<Verdict, Map<Verdict, LongAdder>> divergences = new EnumMap<>(Verdict.class);

    PolicyMetrics() {
        for (Reason reason : Reason.values()) {
            observed.put(reason, new LongAdder());
        }
        for (Verdict from : Verdict.values()) {
            Map<Verdict, LongAdder> to = new EnumMap<>(Verdict.class);
            for (Verdict candidate : Verdict.values()) {
                to.put(candidate, new LongAdder());
            }
            divergences.put(from, to);
        }
    }

    /** A request was forwarded that would be denied for {@code reason}. */
    public void observed(Reason reason) {
        in(observed, reason).increment();
    }

    /** Counts where the two differ. */
    public void judgedBeside(Verdict live, Verdict candidate) {
        if (live != candidate) {
            in(in(divergences, live), candidate).increment();
        }
    }

    public long observations(Reason reason) {
        return in(observed, reason).sum();
    }

    /** {@code from}: the live verdict. */
    public long divergences(Verdict from, Verdict to) {
        return in(in(divergences, from), to).sum();
    }
}
