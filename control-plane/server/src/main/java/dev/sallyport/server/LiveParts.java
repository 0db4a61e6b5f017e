package dev.sallyport.server;

import dev.sallyport.identity.Revocations;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.issuer.Issuers;
import dev.sallyport.server.mesh.FolderAuthor;
import dev.sallyport.server.mesh.Leases;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.mesh.PolicyStore;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.TreeMap;

/** The mesh as it stands and its three authors: documents, issuers' keys, leases. */
record LiveParts(
        PolicyStore documents,
        Leases leases,
        LiveMesh mesh,
        Fetch fetch,
        Issuers issuers,
        Optional<FolderAuthor> folder)
        implements AutoCloseable {

    /** {@code revoked}: what was taken back before this start; {@code loops} carry what is fetched from issuers. */
    static LiveParts start(
            ServerConfig config, Foundation foundation, Revocations revoked, EventLoopGroup loops, Clock clock)
            throws IOException {
        PolicyStore documents = foundation.documents();
        Leases leases = new Leases(foundation.store(), clock);
        LiveMesh mesh = new LiveMesh(
                foundation.store(),
                clock,
                documents.current(),
                leases.byService(),
                foundation.authorities().bundle(),
                revoked);
        Fetch fetch = new Fetch(loops);
        Issuers issuers = Issuers.start(foundation.store(), clock, fetch, mesh::jwks);
        documents.onChange(mesh::policy);
        documents.onChange(version -> issuers.follow(version.set().mesh().issuers()));
        issuers.follow(mesh.state().mesh().map(Mesh::issuers).orElseGet(TreeMap::new));
        Optional<FolderAuthor> folder = config.documents().isPresent()
                ? Optional.of(FolderAuthor.follow(config.documents().get(), documents))
                : Optional.empty();
        return new LiveParts(documents, leases, mesh, fetch, issuers, folder);
    }

    @Override
    public void close() {
        folder.ifPresent(FolderAuthor::close);
        issuers.close();
        fetch.close();
    }
}
