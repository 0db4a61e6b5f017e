package dev.sallyport.server.mesh;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.store.Store;
import java.util.Optional;

/** Which mesh a store belongs to, for good: join files, certificates and snapshots carry these names. {@code epoch} outranks the revision and rises only by a restore from backup. */
public record MeshIdentity(String name, TrustDomain trustDomain, long epoch) {
    private static final long FIRST_EPOCH = 1;

    /** The one in the store; empty before the first start. */
    public static Optional<MeshIdentity> stored(Store store) {
        return store.read(handle -> handle.createQuery("select name, trust_domain, epoch from mesh")
                .map((row, _) -> new MeshIdentity(
                        row.getString("name"), trustDomain(row.getString("trust_domain")), row.getLong("epoch")))
                .findOne());
    }

    /** Writes the first and only row, with revision 0. */
    public static MeshIdentity found(Store store, String name, TrustDomain trustDomain) {
        store.change(handle -> handle.execute(
                "insert into mesh (id, name, trust_domain, epoch, revision, issued_at) values (1, ?, ?, ?, 0, 0)",
                name,
                trustDomain.name(),
                FIRST_EPOCH));
        return new MeshIdentity(name, trustDomain, FIRST_EPOCH);
    }

    private static TrustDomain trustDomain(String name) {
        try {
            return TrustDomain.parse(name);
        } catch (InvalidSpiffeIdException e) {
            throw new IllegalStateException("store: " + e.getMessage(), e);
        }
    }
}
