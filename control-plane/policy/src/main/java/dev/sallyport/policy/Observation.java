package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import java.time.Instant;
import java.util.Optional;

/** {@code mode: observe} and its {@code until}: an exception from default deny that nobody can forget, for it ends by itself. */
final class Observation {
    static final String ENFORCE = "enforce";
    static final String OBSERVE = "observe";
    static final String DRY_RUN = "dryRun";

    private Observation() {}

    /** The end of the observation; empty when {@code mode} is another one. */
    static Optional<Instant> until(Fields fields, String mode) {
        Optional<Instant> until = fields.instant("until");
        if (mode.equals(OBSERVE)) {
            if (!fields.has("until")) {
                fields.missing("until", "the date on which mode: observe ends, as 2027-03-31");
            }
            return until;
        }
        if (fields.has("until")) {
            fields.problem("until", Code.VALUE, "without mode: observe (expected: mode: observe, or no until)");
        }
        return Optional.empty();
    }
}
