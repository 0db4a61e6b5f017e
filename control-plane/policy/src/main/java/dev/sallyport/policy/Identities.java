package dev.sallyport.policy;

import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.util.Optional;

/** Identities in documents; empty, with a problem, for what is none. Parsed strictly, never matched by a pattern. */
final class Identities {
    private Identities() {}

    static Optional<SpiffeId> id(Text text, Problems problems) {
        try {
            return Optional.of(SpiffeId.parse(text.text()));
        } catch (InvalidSpiffeIdException invalid) {
            text.problem(problems, Codes.IDENTITY, String.valueOf(invalid.getMessage()));
            return Optional.empty();
        }
    }

    static Optional<TrustDomain> trustDomain(Text text, Problems problems) {
        try {
            return Optional.of(TrustDomain.parse(text.text()));
        } catch (InvalidSpiffeIdException invalid) {
            text.problem(problems, Codes.IDENTITY, String.valueOf(invalid.getMessage()));
            return Optional.empty();
        }
    }
}
