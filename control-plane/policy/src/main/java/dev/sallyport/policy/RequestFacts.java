package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What a decision may look at: lazy accessors, each called only by a decision that needs it. The sidecar implements it over a request, others over a record. */
public interface RequestFacts {
    /** The proven peer; empty without a client certificate. */
    Optional<SpiffeId> caller();

    /** Upper-case method. */
    String method();

    /** Canonical authority: lower-case host without port. */
    String host();

    /** Canonical path without query. */
    String path();

    /** The query without its {@code ?}, as it arrived. */
    Optional<String> query();

    /** Every value of a header that goes on to the application, in order, each as it arrived; {@code name} in lower case. A field that some applications take for the same, as {@code x_tenant}, makes it more than one. */
    List<String> header(String name);

    /** What the user's own token proves. Verified on first use; a rule with {@code user: none} never calls it. */
    UserFact user();

    /** What the hop token proves: a user with {@link User#carriedBy}. Asked for by what has {@code via}, and beside a token of the user's own. */
    default UserFact carriedUser() {
        return new UserFact.Absent();
    }

    /** The answer to this query, once it was asked; empty before. */
    default Optional<OpaAnswer> opa(OpaQuery query) {
        return Optional.empty();
    }

    /** Present for a connection to an opaque port, which has no method, host, path, header or user. */
    default OptionalInt tcpPort() {
        return OptionalInt.empty();
    }
}
