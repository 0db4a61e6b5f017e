package dev.sallyport.proxy.outbound;

import dev.sallyport.policy.Relaxations;
import dev.sallyport.proxy.exchange.Passage;
import dev.sallyport.proxy.http.ResponseHead;
import dev.sallyport.proxy.upstream.Target;

/** The way to a service that the Mesh declares. {@code authority}: what the application there reads as Host; {@code relaxed}: of the port that is called. */
record ToPeer(Target.Service to, String authority, Relaxations relaxed) implements Passage {
    /** The other sidecar says by itself what it decided. */
    @Override
    public void answered(ResponseHead response) {}
}
