package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.Decision;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.proxy.opa.OpaResult;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import java.time.Instant;
import java.util.function.Consumer;

/** Asks OPA what a rule wants to know; one an event loop. */
public interface Opa {
    /** Calls {@code done} once, on the request's own loop, within the query's timeout. {@code now}: the time of the request. */
    void ask(Decision.Ask ask, RequestFacts facts, CompiledSnapshot snapshot, Instant now, Consumer<OpaResult> done);
}
