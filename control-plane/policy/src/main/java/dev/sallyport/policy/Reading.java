package dev.sallyport.policy;

import dev.sallyport.document.Problems;
import java.util.Optional;

/**
 * What the readers of one set share. Without a {@code mesh} references are not judged. {@code canonical}: the text is the JSON of a snapshot, where each condition stands with its checked
 * expression; what people write has the text alone.
 */
record Reading(Optional<MeshReader> mesh, boolean canonical, Problems problems) {
    /** What is wrong with reading a header: as {@link HeaderNames#refusal} says, or it is one in which tokens are. Read, it would be on record. */
    Optional<String> refusal(String header) {
        return HeaderNames.refusal(header)
                .or(() -> mesh.filter(known -> known.carriesTokens(header))
                        .map(_ -> HeaderNames.carriesIdentity(header)));
    }
}
