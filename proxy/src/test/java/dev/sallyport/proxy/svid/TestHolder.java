package dev.sallyport.proxy.svid;

import dev.sallyport.contract.Wire;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.testing.ManualControl;
import dev.sallyport.proxy.testing.TestMesh;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Who holds a certificate and renews it, in memory and on disk, on time that the test moves; the control plane that it asks is the test. */
final class TestHolder implements AutoCloseable {
    /** What the control plane makes of a request to a path. */
    interface ControlPlane {
        CompletableFuture<Reply> answer(String path, Wire.Renewal renewal);
    }

    final ManualControl control;
    final SvidPublisher publisher;
    final SvidStore store;
    final X509Svid first;
    final SvidClient client;

    /** {@code renewAfter}: from {@code now}. */
    TestHolder(
            Path folder,
            TestMesh mesh,
            X509Svid first,
            Instant now,
            Duration renewAfter,
            long seed,
            ControlPlane controlPlane)
            throws Exception {
        this.first = first;
        control = new ManualControl(now);
        publisher = new SvidPublisher(control.clock());
        publisher.publishBundles(List.of(mesh.bundle()));
        publisher.publish(first);
        store = new SvidStore(Files.createDirectory(folder.resolve("identity")));
        SvidStore.Stored stored = new SvidStore.Stored(first, control.now().plus(renewAfter));
        store.save(stored);
        client = new SvidClient(
                store,
                publisher,
                "i1",
                stored,
                (path, request) -> answer(controlPlane, path, request),
                new Reenrolment(
                        Optional.empty(),
                        "i1",
                        () -> CompletableFuture.failedFuture(new AssertionError("not asked for"))),
                control,
                control.clock(),
                new Random(seed),
                () -> {});
    }

    private static CompletableFuture<Reply> answer(ControlPlane controlPlane, String path, byte[] request) {
        try {
            return controlPlane.answer(path, Wire.renewal(request));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** An answer that issues this chain, to be renewed in half a day. */
    CompletableFuture<Reply> issued(String chainPem) {
        Instant now = control.now();
        return CompletableFuture.completedFuture(new Reply(
                200, Optional.empty(), Wire.encode(new Wire.Issued(chainPem, now.plus(Duration.ofHours(12)), now))));
    }

    /** Of the certificate that is live. */
    String serial() {
        return publisher.source().svid().orElseThrow().serial();
    }

    @Override
    public void close() {
        control.shutdownNow();
    }
}
