package dev.sallyport.proxy.inbound;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Relaxations;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.exchange.CanonicalHeads;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.tls.Peer;
import dev.sallyport.proxy.token.Budget;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The other end of an inbound connection: who it is, which of our ports it meant by its SNI, and what the application is told of it; worked out once a connection and snapshot. */
final class Caller {
    private final Peer peer;
    private final Optional<SpiffeId> id;
    private final Optional<String> serverName;
    private final Budget newTokens;
    private final CanonicalHeads heads = new CanonicalHeads();
    private @Nullable CompiledSnapshot asked;
    private boolean expected;
    private Relaxations relaxed = Relaxations.NONE;
    private String certificate = "";
    private IdentityHeaders.@Nullable OfUser last;

    /** {@code newTokens}: as of {@link Inbound}. */
    Caller(Peer peer, Optional<String> serverName, Budget newTokens) {
        this.newTokens = newTokens;
        this.peer = peer;
        this.id = Optional.of(peer.id());
        this.serverName = serverName;
    }

    Peer peer() {
        return peer;
    }

    /** {@link Peer#id}, as a fact. */
    Optional<SpiffeId> id() {
        return id;
    }

    Optional<String> serverName() {
        return serverName;
    }

    Budget newTokens() {
        return newTokens;
    }

    CanonicalHeads heads() {
        return heads;
    }

    /** Whether the caller meant a port of this very service that is declared for HTTP; otherwise the connection went astray. */
    boolean expected(CompiledSnapshot snapshot) {
        see(snapshot);
        return expected;
    }

    /**
     * What may be read as data on this connection: what every HTTP port of the service relaxes. All of them lead to the one application, so that a caller who chooses the port would choose its own strictness.
     */
    Relaxations relaxed(CompiledSnapshot snapshot) {
        see(snapshot);
        return relaxed;
    }

    /** The value of {@code x-forwarded-client-cert}. */
    String certificate(CompiledSnapshot snapshot) {
        see(snapshot);
        return certificate;
    }

    /** The user's headers; the users of a connection mostly come again. */
    @SuppressWarnings("ReferenceEquality") // The token cache gives one object for one token.
    IdentityHeaders.OfUser told(User user) {
        IdentityHeaders.OfUser known = last;
        if (known == null || known.user() != user) {
            known = IdentityHeaders.OfUser.of(user);
            last = known;
        }
        return known;
    }

    @SuppressWarnings("ReferenceEquality") // A snapshot is one object as long as it is in force.
    private void see(CompiledSnapshot snapshot) {
        if (asked == snapshot) {
            return;
        }
        Mesh.Service self = snapshot.self();
        expected = serverName
                .flatMap(name -> MeshNames.parseSni(name, snapshot.mesh().trustDomain()))
                .filter(meant ->
                        meant.service().equals(self.name()) && self.ports().get(meant.port()) == Mesh.PortKind.HTTP)
                .isPresent();
        relaxed = self.ports().entrySet().stream()
                .filter(declared -> declared.getValue() == Mesh.PortKind.HTTP)
                .map(declared -> self.relaxed(declared.getKey()))
                .reduce(Relaxations::both)
                .orElse(Relaxations.NONE);
        certificate = "By=" + self.identity() + ";Hash=" + peer.fingerprint() + ";Subject=\"\";URI=" + peer.idText();
        asked = snapshot;
    }
}
