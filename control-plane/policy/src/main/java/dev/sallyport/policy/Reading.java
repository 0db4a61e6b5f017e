package dev.sallyport.policy;

import dev.sallyport.document.Problems;
import java.util.Optional;

/**
 * What the readers of one set share. Without a {@code mesh} references are not judged. {@code canonical}: the text is the JSON of a snapshot, where each condition stands with its checked
 * expression; what people write has the text alone.
 */
record Reading(Optional<MeshReader> mesh, boolean canonical, Problems problems) {}
