package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.util.Optional;

/** What a decision may look at: lazy accessors, each called at most once per decision that needs it. The sidecar implements it over a request, others over a record. */
public interface RequestFacts {
    /** The proven peer; empty without a client certificate. */
    Optional<SpiffeId> caller();

    /** Upper-case method. */
    String method();

    /** Canonical path without query. */
    String path();

    /** Verified on first use; a rule with {@code user: none} never calls it. */
    UserFact user();
}
