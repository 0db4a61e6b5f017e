package dev.sallyport.proxy.inbound;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.tls.Peer;
import java.time.Instant;

/** A request that is being judged: what is known of it, by one snapshot, at one time, however long an answer is awaited. */
record Call(
        Exchange exchange,
        Peer peer,
        CompiledSnapshot snapshot,
        CanonicalRequest request,
        HeadFacts facts,
        Instant now) {
    AuditRecord record() {
        return exchange.record();
    }
}
