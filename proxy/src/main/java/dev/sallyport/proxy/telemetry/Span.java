package dev.sallyport.proxy.telemetry;

/**
 * This sidecar's part of a trace that is recorded (W3C Trace Context level 2): inbound what the application's spans hang on, outbound what the next sidecar's does. {@code id} and
 * {@code parent} as unsigned 64-bit numbers, never zero but for a root's parent; the trace id is on the request's record. While its request is under way the id may be as good as a
 * user's handle (see {@code carry}): it leaves this process only afterwards.
 */
public record Span(long id, long parent) {
    /** Of a request that no trace collector is told of. */
    public static final Span NONE = new Span(0, 0);

    public boolean recorded() {
        return id != 0;
    }

    /** The same under another id; of {@link #NONE} none. */
    public Span as(long other) {
        return recorded() ? new Span(other, parent) : NONE;
    }
}
