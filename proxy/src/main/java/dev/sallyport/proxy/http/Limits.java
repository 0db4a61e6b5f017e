package dev.sallyport.proxy.http;

import java.time.Duration;

/** Every bound of the data path, in one place. {@code application…} concerns the local application, {@code mesh…} other sidecars. */
public record Limits(
        int requestLineBytes,
        int headBytes,
        int headers,
        Duration requestHead,
        Duration keepAlive,
        Duration connect,
        Duration handshake,
        Duration responseHead,
        Duration bodyProgress,
        Duration auditRecord,
        Duration applicationIdle,
        Duration meshIdle,
        int connections,
        int connectionsPerEndpoint,
        int discardedBodyBytes,
        int replayBytes) {
    /** What a sidecar runs with; the reasons stand beside the numbers. */
    public static Limits standard() {
        return new Limits(
                8 * 1024, // requestLineBytes
                32 * 1024, // headBytes
                100, // headers
                Duration.ofSeconds(10), // requestHead: from its first byte to its last
                Duration.ofSeconds(60), // keepAlive: an idle downstream connection
                Duration.ofSeconds(2), // connect
                Duration.ofSeconds(5), // handshake: the TLS handshake that follows, as long as the server gives it
                Duration.ofSeconds(30), // responseHead: from the request's last byte
                Duration.ofSeconds(60), // bodyProgress: without a byte either way
                Duration.ofSeconds(1), // auditRecord: from its append to the disk's word, where a request waits for it
                Duration.ofSeconds(4), // applicationIdle: Node.js closes idle connections after 5 s without a word
                Duration.ofSeconds(30), // meshIdle: half of keepAlive, so that our side closes first
                10_000, // connections: downstream ones per event loop and direction; beyond, new ones are closed
                1024, // connectionsPerEndpoint, per event loop
                64 * 1024, // discardedBodyBytes: of a refused request, to keep its connection
                64 * 1024); // replayBytes: of a body kept until a pooled connection has proved alive
    }
}
