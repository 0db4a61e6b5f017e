package dev.sallyport.proxy;

import static org.awaitility.Awaitility.await;

/** A sidecar of web whose peer keeps it waiting for the handshake. */
final class SlowPeer implements AutoCloseable {
    final RawApplication peer;
    final TestSidecar caller;

    SlowPeer(Hop hop) throws Exception {
        peer = RawApplication.tls(hop.context("orders")).held();
        caller = hop.webTo(peer.address());
    }

    RawClient client() throws Exception {
        return RawClient.plain(caller.upstream("orders"));
    }

    void awaitConnection() {
        await().atMost(Hop.SOON).until(() -> peer.accepted() > 0);
    }

    void handshake() {
        peer.release();
    }

    @Override
    public void close() {
        caller.close();
        peer.close();
    }
}
