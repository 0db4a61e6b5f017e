package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.proxy.tls.Peer;

/** Proof that the policy allowed exactly this request of this peer. Only {@link Inbound#admit} makes one, and nothing is forwarded without. */
final class Admitted {
    private final Peer peer;
    private final CanonicalRequest request;
    private final Decision.Allow allow;

    Admitted(Peer peer, CanonicalRequest request, Decision.Allow allow) {
        this.peer = peer;
        this.request = request;
        this.allow = allow;
    }

    Peer peer() {
        return peer;
    }

    CanonicalRequest request() {
        return request;
    }

    Decision.Allow allow() {
        return allow;
    }
}
