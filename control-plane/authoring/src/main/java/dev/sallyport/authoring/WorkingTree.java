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
        WorkingTree tree = stored(sources);
        Problems problems = new Problems();
        EndedGrants.check(tree.set(), sources, now, problems);
        problems.throwIfAny();
        return tree;
    }

    /**
     * What was accepted before, read again: as strictly, but a grant that has ended since is no reason to refuse the whole, for it grants nothing any more.
     *
     * @throws InvalidDocumentException when this version of the program no longer accepts it
     */
    public static WorkingTree stored(List<Source> sources) throws InvalidDocumentException {
        return new WorkingTree(DocumentSet.load(sources));
    }
}
