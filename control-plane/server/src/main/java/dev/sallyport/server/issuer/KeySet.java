package dev.sallyport.server.issuer;

import java.util.List;

/** The usable keys of a published document: {@code jwks} is a JSON Web Key Set of public signing keys, at least one. {@code ids}: their key ids, in order, {@code ""} for none. */
record KeySet(String jwks, List<String> ids, List<SkippedKey> skipped) {
    KeySet {
        ids = List.copyOf(ids);
        skipped = List.copyOf(skipped);
    }
}
