package dev.sallyport.proxy.svid;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.proxy.controlplane.ControlPlaneConnection;
import dev.sallyport.proxy.controlplane.ControlPlaneException;
import dev.sallyport.proxy.controlplane.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Enrols a running sidecar again, when the control plane no longer takes renewals alone as a proof. On the control thread; never blocks on the network. */
public final class Reenrolment {
    private final Optional<Proof> proof;
    private final String instance;
    private final Supplier<CompletableFuture<ControlPlaneConnection>> dialler;

    /** {@code dialler} connects to the enrolment address. Without a token file nothing can be proven again. */
    public Reenrolment(
            Optional<Path> serviceAccountTokenFile,
            String instance,
            Supplier<CompletableFuture<ControlPlaneConnection>> dialler) {
        this.proof = serviceAccountTokenFile.map(Proof.ServiceAccountToken::new);
        this.instance = instance;
        this.dialler = dialler;
    }

    /** The control plane's answer for this key. */
    CompletableFuture<Reply> ask(KeyPair key) {
        if (proof.isEmpty()) {
            return CompletableFuture.failedFuture(new ControlPlaneException(
                    "the identity must be proven again (expected: controlPlane.serviceAccountTokenFile)"));
        }
        byte[] request;
        try {
            request = Wire.encode(proof.get().request(key, instance));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(new ControlPlaneException(String.valueOf(e.getMessage())));
        }
        return dialler.get()
                .thenCompose(connection ->
                        connection.post(MeshNames.ENROL_PATH, request).whenComplete((_, _) -> connection.close()));
    }
}
