package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.ResponseHead;
import dev.sallyport.proxy.upstream.Target;

/** The right of one request to go somewhere, which forwarding takes as an argument: inbound only a decision makes one, outbound only a destination that the Mesh declares. */
public interface Passage {
    Target to();

    /** Takes from the response what this side must not let through. */
    void answered(ResponseHead response);
}
