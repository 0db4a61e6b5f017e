package dev.sallyport.proxy.http;

import java.time.Duration;

/**
 * Every bound of the data path, in one place; {@code limits:} in the sidecar's configuration sets them by these names (the body's in mebibytes). {@code application…} concerns the local application, {@code mesh…} other sidecars. What counts
 * {@code …PerLoop} counts for one event loop and direction.
 */
public record Limits(
        int requestLineBytes,
        int headBytes,
        int headers,
        long requestBodyBytes,
        Duration requestHead,
        Duration keepAlive,
        Duration connect,
        Duration handshake,
        Duration queue,
        Duration responseHead,
        Duration bodyProgress,
        int bodyBytesPerSecond,
        Duration auditRecord,
        Duration auditInterval,
        int refusalsPerSecond,
        Duration applicationIdle,
        Duration meshIdle,
        Duration connectionAge,
        int connectionsPerLoop,
        int handshakesPerSecond,
        int requestsPerLoop,
        int connectionsPerEndpoint,
        int discardedBodyBytes,
        int replayBytes,
        int memoryPercent,
        int newTokensPerSecond,
        Duration userGrace) {
    /** What a sidecar runs with; the reasons stand beside the numbers. */
    public static Limits standard() {
        return new Limits(
                8 * 1024, // requestLineBytes
                32 * 1024, // headBytes
                100, // headers
                64L << 30, // requestBodyBytes: bodies stream, so that this bounds time, not memory
                Duration.ofSeconds(10), // requestHead: from its first byte to its last
                Duration.ofSeconds(60), // keepAlive: an idle downstream connection
                Duration.ofSeconds(2), // connect
                Duration.ofSeconds(5), // handshake: the TLS handshake that follows, as long as the server gives it
                Duration.ofSeconds(1), // queue: for a connection to the upstream; who waited longer has given up
                Duration.ofSeconds(30), // responseHead: from the request's last byte
                Duration.ofSeconds(60), // bodyProgress: without a byte either way
                256, // bodyBytesPerSecond: a request body that comes slower, measured over 10 s, is an attack or lost
                Duration.ofSeconds(1), // auditRecord: from its append to the disk's word, where a request waits for it
                Duration.ofMinutes(1), // auditInterval: between two records of a request that lasts long
                20, // refusalsPerSecond: of one source and reason, each on record by itself; beyond, one stands for
                // many
                Duration.ofSeconds(4), // applicationIdle: Node.js closes idle connections after 5 s without a word
                Duration.ofSeconds(30), // meshIdle: half of keepAlive, so that our side closes first
                Duration.ofHours(1), // connectionAge: then it is drained, so that load and policy spread to new ones
                10_000, // connectionsPerLoop: downstream ones; beyond, new ones are closed
                500, // handshakesPerSecond: of one sidecar; each costs about 2 ms
                4096, // requestsPerLoop: under way; beyond, 503
                1024, // connectionsPerEndpoint, per event loop
                64 * 1024, // discardedBodyBytes: of a refused request, to keep its connection
                64 * 1024, // replayBytes: of a body kept until a pooled connection has proved alive
                85, // memoryPercent: of heap or direct memory in use, beyond which new requests are shed
                200, // newTokensPerSecond: of one peer, that were not seen before; each may cost half a millisecond
                Duration.ZERO); // userGrace: after the end of an inbound request, for what it still causes elsewhere
    }
}
