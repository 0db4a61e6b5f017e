package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.tls.Peer;
import java.util.Optional;

/** Proof that the policy allowed exactly this request of this peer. Only {@link Inbound#admit} makes one, and nothing is forwarded without. */
final class Admitted {
    private final Peer peer;
    private final CanonicalRequest request;
    private final Decision.Allow allow;
    private final Optional<User> user;

    /** {@code user}: whom the governing rule has proven. */
    Admitted(Peer peer, CanonicalRequest request, Decision.Allow allow, Optional<User> user) {
        this.peer = peer;
        this.request = request;
        this.allow = allow;
        this.user = user;
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

    Optional<User> user() {
        return user;
    }
}
