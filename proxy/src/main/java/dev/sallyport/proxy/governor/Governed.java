package dev.sallyport.proxy.governor;

import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;

/** What a governor ends: a connection. Its event loop only. */
public interface Governed {
    /** No new request begins on it; an idle one ends now. More than once is as once. */
    void retire();

    /** It may not live longer, whatever is under way; {@code why} is for the record. */
    void expire(End why);
}
