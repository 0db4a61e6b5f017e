package dev.sallyport.policy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a condition may look at. Each accessor is called only when an evaluation comes to it, and may throw {@link DoubtException}. One thread. */
interface ExpressionFacts {
    String method();

    String host();

    /** The canonical path. */
    String path();

    /** Every value of a header; {@code name} in lower case. More than one is doubt. */
    List<String> headers(String name);

    /** The one value of a query parameter, decoded; empty when it is absent. DoubtException when it is repeated or cannot be decoded. */
    Optional<String> query(String name);

    /** The segment that stands for {@code {name}}. */
    String pathVariable(String name);

    /** The caller's SPIFFE ID. */
    String callerId();

    /** The service that the Mesh declares under the caller's identity. */
    String callerService();

    /** The proven user. DoubtException when there is none. */
    User user();

    /** The time of the request. */
    Instant now();
}
