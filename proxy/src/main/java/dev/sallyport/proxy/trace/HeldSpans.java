package dev.sallyport.proxy.trace;

/** Which spans are secrets for now: between an application and its sidecar the span of a request under way is as good as its user (see {@code carry}), and a collector has many readers. Any thread. */
@FunctionalInterface
public interface HeldSpans {
    /** {@code traceId}: 32 hex digits. Once false, for ever false. */
    boolean holds(String traceId, long span);
}
