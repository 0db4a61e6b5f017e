package dev.sallyport.policy;

/** What became of asking OPA: a fact of the request, so that a decision stays pure and a replay needs no OPA. */
public enum OpaAnswer {
    /** Exactly {@code {"result": true}}. */
    TRUE,
    /** A well-formed answer that is not true: false, or undefined. */
    FALSE,
    /** No answer in time, none at all, or one that is none. */
    ERROR
}
