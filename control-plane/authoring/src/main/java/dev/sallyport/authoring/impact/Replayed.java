package dev.sallyport.authoring.impact;

import dev.sallyport.policy.RequestFacts;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** The facts of a request that was decided before, as far as they were recorded, and what was decided then. */
public interface Replayed extends RequestFacts {
    /** The called service. */
    String service();

    Instant time();

    /** Whether it was let through, by a rule or by {@code mode: observe}. */
    boolean allowed();

    /** The template that it matched then; empty when none did, and then its path is not on record. */
    Optional<String> template();

    /** Whether the path holds the values of its variables, and not words that stand for them. */
    boolean pathInTheClear();

    /** What conditions read, by the names of {@link dev.sallyport.policy.Inputs}, and is on record in the clear. */
    Set<String> recordedInputs();

    /** What the decision asked for since this was made and the record does not have; empty when it had all. */
    Optional<String> missing();
}
