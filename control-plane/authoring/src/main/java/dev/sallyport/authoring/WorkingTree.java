package dev.sallyport.authoring;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.List;

/** A set of documents as people write it, accepted whole: every reference known, every condition checked, no grant that has ended. Immutable. */
public record WorkingTree(DocumentSet set) {
    /**
     * What the command line and the control plane accept, as of {@code now}.
     *
     * @throws InvalidDocumentException with every problem of every source at once
     */
    public static WorkingTree load(List<Source> sources, Instant now) throws InvalidDocumentException {
        Problems problems = new Problems();
        DocumentSet checked = Conditions.check(DocumentSet.load(sources), new Places(sources), problems);
        problems.throwIfAny();
        return new WorkingTree(checked);
    }
}
