package dev.sallyport.authoring;

import dev.sallyport.authoring.tests.PolicyTest;
import dev.sallyport.authoring.tests.PolicyTests;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A set of documents as people write it, accepted whole: every reference known, every condition checked, no grant that has ended; with its tests. Immutable. */
public record WorkingTree(DocumentSet set, List<PolicyTest> tests) {
    public WorkingTree {
        tests = List.copyOf(tests);
    }

    /**
     * What the command line and the control plane accept, as of {@code now}.
     *
     * @throws InvalidDocumentException with every problem of every source at once
     */
    public static WorkingTree load(List<Source> sources, Instant now) throws InvalidDocumentException {
        return load(sources, Optional.of(now));
    }

    /**
     * What was accepted before, read again: as strictly, but a grant that has ended since is no reason to refuse the whole, for it grants nothing any more.
     *
     * @throws InvalidDocumentException when this version of the program no longer accepts it
     */
    public static WorkingTree stored(List<Source> sources) throws InvalidDocumentException {
        return load(sources, Optional.empty());
    }

    /** {@code accepted}: when, for what is new. */
    private static WorkingTree load(List<Source> sources, Optional<Instant> accepted) throws InvalidDocumentException {
        Problems problems = new Problems();
        Optional<DocumentSet> set = set(sources, problems);
        set.ifPresent(read -> accepted.ifPresent(now -> EndedGrants.check(read, sources, now, problems)));
        List<PolicyTest> tests = PolicyTests.read(sources, set, problems);
        problems.throwIfAny();
        return new WorkingTree(set.orElseThrow(), tests);
    }

    /** Empty, with every problem, when the set is refused. */
    private static Optional<DocumentSet> set(List<Source> sources, Problems problems) {
        try {
            return Optional.of(Conditions.check(DocumentSet.load(sources), new Places(sources), problems));
        } catch (InvalidDocumentException invalid) {
            invalid.problems().forEach(problems::add);
            return Optional.empty();
        }
    }
}
