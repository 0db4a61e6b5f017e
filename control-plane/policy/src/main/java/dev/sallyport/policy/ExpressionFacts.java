package dev.sallyport.policy;

import java.time.Instant;
import java.util.Optional;

/** What a condition may look at. Each accessor is called only when an evaluation comes to it; DoubtException when the fact is there and cannot be trusted. One thread. */
interface ExpressionFacts {
    String method() throws DoubtException;

    String host() throws DoubtException;

    /** The canonical path. */
    String path() throws DoubtException;

    /** The one value of a header; {@code name} in lower case. */
    Optional<String> header(String name) throws DoubtException;

    /** The one value of a query parameter, decoded. */
    Optional<String> query(String name) throws DoubtException;

    /** The segment that stands for {@code {name}}. */
    Optional<String> pathVariable(String name) throws DoubtException;

    /** The caller's SPIFFE ID. */
    String callerId() throws DoubtException;

    /** The service that the Mesh declares under it. */
    String callerService() throws DoubtException;

    UserFact user();

    /** The time of the request. */
    Instant now();
}
