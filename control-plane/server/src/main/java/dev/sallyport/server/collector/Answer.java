package dev.sallyport.server.collector;

/** What the sidecar that sent a batch is told. */
public sealed interface Answer {
    /** Everything up to number {@code through} is durable here. */
    record Received(String stream, long through) implements Answer {}

    /** The stream goes on at {@code expected}; what was sent begins later. */
    record Missing(String stream, long expected) implements Answer {}
}
