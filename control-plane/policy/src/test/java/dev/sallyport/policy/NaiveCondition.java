package dev.sallyport.policy;

import java.util.Set;

/** What CEL conditions come to, however that is worked out; given to the naive evaluator, which knows no CEL. */
interface NaiveCondition {
    /** An error is whatever gives no answer. */
    enum Truth {
        TRUE,
        FALSE,
        ERROR
    }

    Truth of(String source, NaiveRequest request);

    /** {@code header.x-n}, {@code query.mode}, {@code path.id}. */
    Set<String> inputs(String source);
}
