package dev.sallyport.proxy.inbound;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.token.TokenResult;
import java.time.Instant;

/** A request that is being judged: what is known of it, by one snapshot, at one time, however long an answer is awaited. Its tokens are looked at when its facts first ask for them. */
final class Call implements Credentials {
    private final Exchange exchange;
    private final Caller caller;
    private final CompiledSnapshot snapshot;
    private final Verifiers verifiers;
    private final Instant now;
    private final HeadFacts facts;

    Call(Exchange exchange, Caller caller, CompiledSnapshot snapshot, CanonicalRequest request, Verifiers verifiers) {
        this.exchange = exchange;
        this.caller = caller;
        this.snapshot = snapshot;
        this.verifiers = verifiers;
        this.now = exchange.record().time;
        this.facts = new HeadFacts(caller.id(), request, exchange.head(), this);
    }

    Exchange exchange() {
        return exchange;
    }

    Caller caller() {
        return caller;
    }

    CompiledSnapshot snapshot() {
        return snapshot;
    }

    HeadFacts facts() {
        return facts;
    }

    Instant now() {
        return now;
    }

    AuditRecord record() {
        return exchange.record();
    }

    @Override
    public TokenResult own() {
        return verifiers.own().verify(exchange.head(), snapshot.issuers(), caller.newTokens(), now);
    }

    @Override
    public TokenResult carried() {
        return verifiers.hop().verify(exchange.head(), caller.peer().id(), snapshot.mesh(), caller.newTokens(), now);
    }
}
