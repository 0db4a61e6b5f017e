package dev.sallyport.server.mesh;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Location;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.store.Store;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * The documents in force; the store is the truth. A set is validated whole, then written with its revision and its line in the hash-chained change log in one transaction: the
 * revision has no gaps, and nothing is ever half-applied. Any thread; blocks.
 */
public final class PolicyStore {
    private static final String CHAIN_START = "0".repeat(64);

    private final Store store;
    private final MeshIdentity mesh;
    private final Clock clock;
    private final List<Consumer<PolicyVersion>> listeners = new CopyOnWriteArrayList<>();
    private volatile Optional<PolicyVersion> current;

    /** Reads what is in force, also what has ended since. InvalidDocumentException: this version of the program no longer accepts it. */
    public PolicyStore(Store store, MeshIdentity mesh, Clock clock) throws InvalidDocumentException {
        this.store = store;
        this.mesh = mesh;
        this.clock = clock;
        long revision = store.read(PolicyStore::revision);
        List<Source> sources =
                store.read(handle -> handle.createQuery("select name, content from documents order by position")
                        .map((row, _) -> new Source(row.getString("name"), row.getString("content")))
                        .list());
        current = sources.isEmpty()
                ? Optional.empty()
                : Optional.of(version(revision, sources, WorkingTree.stored(sources)));
    }

    /** Called with each new version, in order, when it is durable; again with the version in force when the same sources come again, so it must be idempotent. */
    public void onChange(Consumer<PolicyVersion> listener) {
        listeners.add(listener);
    }

    /** Empty until a first set has been accepted. */
    public Optional<PolicyVersion> current() {
        return current;
    }

    /** 0 before the first set. */
    public long revision() {
        return current.map(PolicyVersion::revision).orElse(0L);
    }

    /**
     * Puts a whole set in force. With {@code expected} only if that is the revision in force. The same sources again change nothing, but are made known again: so a retry mends
     * what a listener failed to do. A listener's failure is thrown when all have been called; the set is in force by then.
     *
     * @throws InvalidDocumentException with every problem; also when a grant has ended, or the set is of another mesh or trust domain
     */
    public synchronized PolicyVersion replace(List<Source> sources, String actor, OptionalLong expected)
            throws InvalidDocumentException, StaleRevisionException {
        if (expected.isPresent() && expected.getAsLong() != revision()) {
            throw new StaleRevisionException(expected.getAsLong(), revision());
        }
        if (current.isPresent() && current.get().sources().equals(sources)) {
            announce(current.get());
            return current.get();
        }
        PolicyVersion next = version(revision() + 1, sources, WorkingTree.load(sources, clock.instant()));
        refuseOtherMesh(next.set().mesh(), sources);
        store.change(handle -> {
            write(handle, next, actor, clock.instant());
            return next;
        });
        current = Optional.of(next);
        announce(next);
        return next;
    }

    /** The version is durable: one listener that fails must not keep it from the others. */
    private void announce(PolicyVersion version) {
        Optional<RuntimeException> failure = Optional.empty();
        for (Consumer<PolicyVersion> listener : listeners) {
            try {
                listener.accept(version);
            } catch (RuntimeException e) {
                failure.ifPresent(e::addSuppressed);
                failure = Optional.of(e);
            }
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private static PolicyVersion version(long revision, List<Source> sources, WorkingTree tree) {
        return new PolicyVersion(revision, sources, tree.set(), tree.set().digest());
    }

    private void refuseOtherMesh(Mesh wanted, List<Source> sources) throws InvalidDocumentException {
        Location location = new Location(sources.getFirst().name(), 1, 1);
        if (!wanted.trustDomain().equals(mesh.trustDomain())) {
            throw refused(
                    location,
                    "spec.trustDomain",
                    wanted.trustDomain().name(),
                    mesh.trustDomain().name());
        }
        if (!wanted.name().equals(mesh.name())) {
            throw refused(location, "metadata.name", wanted.name(), mesh.name());
        }
    }

    private static InvalidDocumentException refused(Location location, String path, String value, String expected) {
        String message = value + " (expected: " + expected + ", for which this control plane issues certificates)";
        return new InvalidDocumentException(List.of(new Problem(location, path, "SP0900", message)));
    }

    private static long revision(Handle handle) {
        return handle.createQuery("select revision from mesh").mapTo(Long.class).one();
    }

    private static void write(Handle handle, PolicyVersion version, String actor, Instant now) {
        int moved = handle.execute(
                "update mesh set revision = ? where revision = ?", version.revision(), version.revision() - 1);
        if (moved != 1) {
            throw new IllegalStateException("store: revision " + revision(handle) + " (expected: "
                    + (version.revision() - 1) + "); does another process write to it?");
        }
        handle.execute("delete from documents");
        int position = 0;
        for (Source source : version.sources()) {
            handle.execute(
                    "insert into documents (position, name, content) values (?, ?, ?)",
                    position++,
                    source.name(),
                    source.text());
        }
        String previous = handle.createQuery("select hash from change_log order by revision desc limit 1")
                .mapTo(String.class)
                .findOne()
                .orElse(CHAIN_START);
        handle.execute(
                "insert into change_log (revision, at, actor, digest, previous, hash) values (?, ?, ?, ?, ?, ?)",
                version.revision(),
                now.toString(),
                actor,
                version.digest(),
                previous,
                link(previous, version.revision(), now, actor, version.digest()));
    }

    /** SHA-256 over the fields, a line each; none can hold a line break but the actor, whose length stands before it. */
    static String link(String previous, long revision, Instant at, String actor, String digest) {
        String text = previous + "\n" + revision + "\n" + at + "\n" + actor.length() + " " + actor + "\n" + digest;
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
