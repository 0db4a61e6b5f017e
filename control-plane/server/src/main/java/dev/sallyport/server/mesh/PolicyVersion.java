package dev.sallyport.server.mesh;

import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.util.List;

/** A set of documents that is or was in force: its revision, what its author wrote, and what that means. */
public record PolicyVersion(long revision, List<Source> sources, DocumentSet set, String digest) {
    public PolicyVersion {
        sources = List.copyOf(sources);
    }
}
