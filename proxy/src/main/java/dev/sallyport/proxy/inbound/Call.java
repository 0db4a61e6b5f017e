package dev.sallyport.proxy.inbound;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import java.time.Instant;

/** A request that is being judged: what is known of it, by one snapshot, at one time, however long an answer is awaited. */
record Call(
        Exchange exchange,
        Caller caller,
        CompiledSnapshot snapshot,
        CanonicalRequest request,
        HeadFacts facts,
        Instant now) {
    AuditRecord record() {
        return exchange.record();
    }
}
