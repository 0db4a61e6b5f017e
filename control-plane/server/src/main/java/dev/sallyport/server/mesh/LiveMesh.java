package dev.sallyport.server.mesh;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.store.Store;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The state in force. Its authors (documents, issuers' keys, leases, authorities, revocations) each replace their part; every change is a new state with a later issue time. Any thread; blocks. */
public final class LiveMesh {
    private final Store store;
    private final Clock clock;
    private final List<Consumer<MeshState>> listeners = new CopyOnWriteArrayList<>();
    private volatile MeshState state;

    public LiveMesh(
            Store store,
            Clock clock,
            Optional<PolicyVersion> policy,
            SortedMap<String, List<HostPort>> leased,
            TrustBundle bundle,
            Revocations revocations) {
        this.store = store;
        this.clock = clock;
        this.state = new MeshState(policy, new TreeMap<>(), leased, bundle, revocations, nextIssueTime());
    }

    public MeshState state() {
        return state;
    }

    /** Called with each new state, in order, on the thread that changed it; must not block. */
    public void onChange(Consumer<MeshState> listener) {
        listeners.add(listener);
    }

    public void policy(PolicyVersion version) {
        Mesh declared = version.set().mesh();
        advance(old -> old.with(version, still(old.jwks(), old.mesh(), declared)));
    }

    /** Keys of an issuer that has another address now are another issuer's. */
    private static SortedMap<String, String> still(SortedMap<String, String> jwks, Optional<Mesh> then, Mesh now) {
        SortedMap<String, String> same = new TreeMap<>(jwks);
        same.keySet().removeIf(name -> {
            Optional<Mesh.Issuer> before = then.map(mesh -> mesh.issuers().get(name));
            Optional<Mesh.Issuer> after = Optional.ofNullable(now.issuers().get(name));
            return before.isEmpty()
                    || after.isEmpty()
                    || !before.get().issuer().equals(after.get().issuer())
                    || !before.get().keys().jwksUri().equals(after.get().keys().jwksUri());
        });
        return same;
    }

    public void jwks(SortedMap<String, String> byIssuer) {
        advance(old -> old.withJwks(byIssuer));
    }

    public void leased(SortedMap<String, List<HostPort>> byService) {
        advance(old -> old.withLeased(byService));
    }

    /** The roots that peers must trust from now on. */
    public void trust(TrustBundle bundle) {
        advance(old -> old.withBundle(bundle));
    }

    public void revoked(Revocations revocations) {
        advance(old -> old.withRevocations(revocations));
    }

    /** The same content with a later issue time, and so a later end of validity. */
    public synchronized void reissue() {
        publish(state);
    }

    private synchronized void advance(UnaryOperator<MeshState> change) {
        MeshState next = change.apply(state);
        if (!next.sameContent(state)) {
            publish(next);
        }
    }

    private void publish(MeshState next) {
        state = next.at(nextIssueTime());
        listeners.forEach(listener -> listener.accept(state));
    }

    /** Later than every one before, also across a restart and when the wall clock was set back: a sidecar refuses a snapshot that is not newer. */
    private Instant nextIssueTime() {
        return store.change(handle -> {
            long last = handle.createQuery("select issued_at from mesh")
                    .mapTo(Long.class)
                    .one();
            long next = Math.max(clock.millis(), last + 1);
            handle.execute("update mesh set issued_at = ?", next);
            return Instant.ofEpochMilli(next);
        });
    }
}
