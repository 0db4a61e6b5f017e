package dev.sallyport.proxy.svid;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.proxy.controlplane.ControlPlaneConnection;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.state.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * How the process becomes a member of its mesh: with the SVID that it has on disk while that counts, also with the control plane down, else with a join file and a token. Blocking, on
 * the main thread.
 */
public final class Join {
    private static final int JOIN_FILE_BYTES_MAX = 1 << 20;
    private static final Duration POLL = Duration.ofMillis(100);

    /** Who we are and whom we believe; the SVID is published. */
    public record Member(JoinFile mesh, SvidStore.Stored svid) {}

    /** What the configuration says: whose sidecar, which join file, the proof when that holds no token, what wins over it, and how long to wait. */
    public record Request(
            String service,
            Optional<Path> joinFile,
            Optional<Path> serviceAccountTokenFile,
            Overrides overrides,
            Duration joinWait) {}

    /** What the configuration says otherwise than the join file. */
    @FunctionalInterface
    public interface Overrides {
        JoinFile on(JoinFile join) throws JoinException, IOException;
    }

    /** The bundles of the stored snapshot, if one holds under this join file's root keys; they are newer than the join file's. */
    @FunctionalInterface
    public interface LastGood {
        Optional<List<TrustBundle>> bundles(JoinFile mesh) throws IOException;
    }

    private final Path remembered;
    private final SvidStore store;
    private final String instance;
    private final SvidPublisher publisher;
    private final BiFunction<HostPort, JoinFile, CompletableFuture<ControlPlaneConnection>> enrolDialler;
    private final RandomGenerator random;

    /** {@code state}: the root of the state folder; {@code enrolDialler} connects to an enrolment address without a client certificate. */
    public Join(
            Path state,
            SvidStore store,
            String instance,
            SvidPublisher publisher,
            BiFunction<HostPort, JoinFile, CompletableFuture<ControlPlaneConnection>> enrolDialler,
            RandomGenerator random) {
        this.remembered = state.resolve("control-plane.json");
        this.store = store;
        this.instance = instance;
        this.publisher = publisher;
        this.enrolDialler = enrolDialler;
        this.random = random;
    }

    /** Ends as a member, or not at all. */
    public Member run(Request request, LastGood lastGood) throws JoinException, IOException, InterruptedException {
        Optional<Path> given = request.joinFile().filter(Join::hasContent);
        Optional<JoinFile> known = given.isPresent() ? Optional.of(read(given.get())) : remembered();
        if (known.isPresent()) {
            JoinFile mesh = fitting(request, known.get());
            Optional<SvidStore.Stored> stored =
                    stored(mesh, lastGood.bundles(mesh).orElse(List.of(mesh.trustBundle())));
            if (stored.isPresent()) {
                remember(mesh);
                return new Member(mesh, stored.get());
            }
        }
        boolean enough = known.flatMap(join -> Proof.of(join, request.serviceAccountTokenFile()))
                .isPresent();
        JoinFile mesh = fitting(request, enough ? known.get() : await(request));
        Proof proof = Proof.of(mesh, request.serviceAccountTokenFile())
                .orElseThrow(
                        () -> new JoinException(
                                JoinException.Kind.INVALID,
                                "join file: without a token (expected: one with a token, or controlPlane.serviceAccountTokenFile)"));
        publish(List.of(mesh.trustBundle()));
        SvidStore.Stored enrolled = new Enrolment(
                        store, instance, () -> enrolDialler.apply(mesh.enrolment(), mesh), random)
                .run(mesh, proof, request.joinWait());
        try {
            publisher.publish(enrolled.svid());
        } catch (SvidRejectedException e) {
            throw new JoinException(
                    JoinException.Kind.REFUSED,
                    "issued certificate does not verify against the join file's trust bundle: " + e.getMessage());
        }
        store.save(enrolled);
        remember(mesh);
        return new Member(mesh, enrolled);
    }

    /** The stored SVID, live, when it verifies under {@code bundles}. */
    private Optional<SvidStore.Stored> stored(JoinFile mesh, List<TrustBundle> bundles)
            throws JoinException, IOException {
        try {
            Optional<SvidStore.Stored> stored = store.load();
            if (stored.isEmpty()) {
                return stored;
            }
            if (!stored.get().svid().id().equals(mesh.identity())) {
                throw new JoinException(
                        JoinException.Kind.INVALID,
                        "stateDirectory belongs to " + stored.get().svid().id() + " (expected: " + mesh.identity()
                                + ", as the join file says; use another folder)");
            }
            publish(bundles);
            publisher.publish(stored.get().svid());
            return stored;
        } catch (SvidRejectedException e) {
            Log.warn(
                    "stored certificate does not count, the identity must be proven again",
                    "problem",
                    String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void publish(List<TrustBundle> bundles) throws JoinException {
        try {
            publisher.publishBundles(bundles);
        } catch (SvidRejectedException e) {
            throw new JoinException(JoinException.Kind.INVALID, "trust bundle refused: " + e.getMessage());
        }
    }

    private static JoinFile fitting(Request request, JoinFile join) throws JoinException, IOException {
        JoinFile mesh = request.overrides().on(join);
        if (!mesh.service().equals(request.service())) {
            throw new JoinException(
                    JoinException.Kind.INVALID,
                    "service: " + request.service() + " (expected: " + mesh.service()
                            + ", for which the join file was made)");
        }
        return mesh;
    }

    private JoinFile await(Request request) throws JoinException, IOException, InterruptedException {
        Path file = request.joinFile()
                .orElseThrow(
                        () -> new JoinException(
                                JoinException.Kind.INVALID,
                                "controlPlane.joinTokenFile: missing (expected: the file that `sallyport token create` wrote; the state folder holds no certificate that counts)"));
        long end = System.nanoTime() + request.joinWait().toNanos();
        boolean said = false;
        while (!hasContent(file)) {
            if (System.nanoTime() >= end) {
                throw new JoinException(
                        JoinException.Kind.TIMEOUT,
                        "controlPlane.joinTokenFile: " + file + " did not appear within "
                                + request.joinWait().toSeconds()
                                + " s (expected: the file that `sallyport token create` writes)");
            }
            if (!said) {
                Log.info(
                        "waiting for the join file",
                        "file",
                        file,
                        "atMostSeconds",
                        request.joinWait().toSeconds());
                said = true;
            }
            Thread.sleep(POLL);
        }
        return read(file);
    }

    /** A file that is being created may be empty for a moment. */
    private static boolean hasContent(Path file) {
        try {
            return Files.size(file) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<JoinFile> remembered() throws JoinException, IOException {
        return Files.exists(remembered) ? Optional.of(read(remembered)) : Optional.empty();
    }

    private void remember(JoinFile mesh) throws IOException {
        DurableFile.write(remembered, mesh.withoutToken().toBytes());
    }

    private static JoinFile read(Path file) throws JoinException, IOException {
        if (Files.size(file) > JOIN_FILE_BYTES_MAX) {
            throw new JoinException(
                    JoinException.Kind.INVALID,
                    "join file " + file + " is too long (expected: at most " + JOIN_FILE_BYTES_MAX + " bytes)");
        }
        try {
            return JoinFile.ofBytes(Files.readAllBytes(file));
        } catch (InvalidMessageException e) {
            throw new JoinException(
                    JoinException.Kind.INVALID,
                    "join file " + file + ": " + e.getMessage()
                            + " (expected: the file as `sallyport token create` wrote it)");
        }
    }
}
