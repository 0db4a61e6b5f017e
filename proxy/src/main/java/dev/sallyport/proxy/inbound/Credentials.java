package dev.sallyport.proxy.inbound;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.token.Budget;
import dev.sallyport.proxy.token.TokenResult;
import java.time.Instant;

/** The tokens of a request: each call looks. */
interface Credentials {
    /** What the user's own token comes to. */
    TokenResult own();

    /** What the hop token comes to. */
    TokenResult carried();

    /** Of a head, by one snapshot. {@code peer}: who sent it; {@code budget}: the peer's. */
    record OfHead(
            RequestHead head, SpiffeId peer, CompiledSnapshot snapshot, Verifiers verifiers, Budget budget, Instant now)
            implements Credentials {
        @Override
        public TokenResult own() {
            return verifiers.own().verify(head, snapshot.issuers(), budget, now);
        }

        @Override
        public TokenResult carried() {
            return verifiers.hop().verify(head, peer, snapshot.mesh(), budget, now);
        }
    }
}
