package dev.sallyport.server.issuer;

import java.util.List;

/** The usable keys of a published document: {@code jwks} is a JSON Web Key Set of public signing keys, at least one. {@code ids}: their key ids, in order, {@code ""} for none. */
public record KeySet(String jwks, List<String> ids, List<SkippedKey> skipped) {
    public KeySet {
        ids = List.copyOf(ids);
        skipped = List.copyOf(skipped);
    }
}
