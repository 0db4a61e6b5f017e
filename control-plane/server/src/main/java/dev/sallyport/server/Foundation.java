package dev.sallyport.server;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.PeopleAuthority;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.issuance.OwnSvidFile;
import dev.sallyport.server.mesh.FolderAuthor;
import dev.sallyport.server.mesh.MeshIdentity;
import dev.sallyport.server.mesh.PolicyStore;
import dev.sallyport.server.mesh.SigningKeys;
import dev.sallyport.server.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** What the state folder holds, opened: the store, the mesh it belongs to, its authorities and keys, the documents in force. Made at the first start. */
record Foundation(
        StateFolder state,
        Store store,
        MeshIdentity mesh,
        Authorities authorities,
        PeopleAuthority people,
        SigningKeys keys,
        OwnSvidFile ownSvid,
        PolicyStore documents)
        implements AutoCloseable {

    static Foundation open(ServerConfig config, Path configFolder, Clock clock)
            throws StartException, IOException, InvalidDocumentException {
        StateFolder state = StateFolder.open(config.state());
        Store store = Store.open(state.path());
        try {
            MeshIdentity mesh = mesh(config, store, clock);
            KeyEncryption encryption = KeyEncryption.fromFile(keyFile(config, state, configFolder));
            return new Foundation(
                    state,
                    store,
                    mesh,
                    Authorities.open(
                            store,
                            mesh.trustDomain(),
                            state.path().resolve("ca"),
                            config.authority().kind(),
                            new AuthorityByKind(
                                    mesh.trustDomain(),
                                    encryption,
                                    config.authority().vault(),
                                    config.longestLeafLife(),
                                    clock),
                            clock),
                    PeopleAuthority.open(state.path().resolve("people"), encryption, clock),
                    SigningKeys.open(store, encryption, mesh),
                    new OwnSvidFile(state.path().resolve("own-svid.pem"), encryption),
                    new PolicyStore(store, mesh, clock));
        } catch (StartException | IOException | InvalidDocumentException | RuntimeException e) {
            store.close();
            state.close();
            throw e;
        }
    }

    /** At the first start the folder's Mesh document, or the configuration, names the mesh; afterwards the store does. */
    private static MeshIdentity mesh(ServerConfig config, Store store, Clock clock)
            throws StartException, IOException, InvalidDocumentException {
        if (config.documents().isPresent()) {
            refuseMissing(config.documents().get());
        }
        Optional<MeshIdentity> stored = MeshIdentity.stored(store);
        if (stored.isPresent()) {
            refuseOther(
                    "trustDomain",
                    config.trustDomain().map(TrustDomain::name),
                    stored.get().trustDomain().name());
            refuseOther("meshName", config.meshName(), stored.get().name());
            return stored.get();
        }
        if (config.documents().isPresent()) {
            Mesh declared = WorkingTree.load(
                            FolderAuthor.sources(config.documents().get()), clock.instant())
                    .set()
                    .mesh();
            refuseOther(
                    "trustDomain",
                    config.trustDomain().map(TrustDomain::name),
                    declared.trustDomain().name());
            refuseOther("meshName", config.meshName(), declared.name());
            return MeshIdentity.found(store, declared.name(), declared.trustDomain());
        }
        TrustDomain trustDomain = config.trustDomain()
                .orElseThrow(
                        () -> new StartException(
                                StartException.INVALID,
                                "trustDomain: missing (expected at the first start: --documents DIR with a Mesh document, or --trust-domain NAME)"));
        // shop.example is called shop, unless the configuration says otherwise.
        String name = config.meshName().orElse(trustDomain.name().split("\\.", 2)[0]);
        return MeshIdentity.found(store, name, trustDomain);
    }

    private static void refuseMissing(Path documents) throws StartException {
        if (!Files.isDirectory(documents)) {
            throw new StartException(
                    StartException.INVALID, "documents: " + documents + " (expected: a folder with a Mesh document)");
        }
    }

    private static void refuseOther(String key, Optional<String> configured, String actual) throws StartException {
        if (configured.isPresent() && !configured.get().equals(actual)) {
            throw new StartException(
                    StartException.INVALID,
                    key + ": " + configured.get() + " (expected: " + actual + ", as stored or declared)");
        }
    }

    /** A key beside what it encrypts protects nothing: only {@code --dev} may do that. */
    private static Path keyFile(ServerConfig config, StateFolder state, Path configFolder)
            throws StartException, IOException {
        Path file = config.keyFile()
                .orElse(config.dev() ? state.path().resolve("dev-ca.key") : configFolder.resolve("ca.key"));
        if (!config.dev() && state.contains(file)) {
            throw new StartException(
                    StartException.FAILURE,
                    "keyFile: " + file
                            + " lies inside the state folder that it protects (expected: another folder, or --dev)");
        }
        return file;
    }

    @Override
    public void close() {
        authorities.close();
        store.close();
        try {
            state.close();
        } catch (IOException e) {
            // The lock ends with the process.
        }
    }
}
