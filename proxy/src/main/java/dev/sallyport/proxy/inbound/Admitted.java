package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.exchange.Passage;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.ResponseHead;
import dev.sallyport.proxy.upstream.Target;
import java.util.Optional;

/** Proof that the policy allowed exactly this request of this peer. Only {@link Inbound#admit} makes one, and nothing is forwarded without. */
final class Admitted implements Passage {
    private final Target application;
    private final Decision.Allow allow;
    private final Optional<User> user;

    /** {@code user}: whom the governing rule has proven. */
    Admitted(Target application, Decision.Allow allow, Optional<User> user) {
        this.application = application;
        this.allow = allow;
        this.user = user;
    }

    Decision.Allow allow() {
        return allow;
    }

    Optional<User> user() {
        return user;
    }

    @Override
    public Target to() {
        return application;
    }

    /** An application speaks for nobody: what asserts an identity or a decision is ours to say. */
    @Override
    public void answered(ResponseHead response) {
        response.dropIdentity();
        response.drop(Field.TRACESTATE); // An application that repeats what it was told would tell its user's handle,
        response.drop(Field.TRACEPARENT); // or the span that is as good as one.
    }
}
