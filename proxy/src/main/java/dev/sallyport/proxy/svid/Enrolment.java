package dev.sallyport.proxy.svid;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.controlplane.Backoff;
import dev.sallyport.proxy.controlplane.ControlPlaneConnection;
import dev.sallyport.proxy.controlplane.ControlPlaneException;
import dev.sallyport.proxy.controlplane.Reply;
import dev.sallyport.proxy.log.Log;
import java.io.IOException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Trades a proof and a CSR for the first SVID. Blocking, on the main thread: nothing else can run before it. */
final class Enrolment {
    private final SvidStore store;
    private final String instance;
    private final Supplier<CompletableFuture<ControlPlaneConnection>> dialler;
    private final RandomGenerator random;

    Enrolment(
            SvidStore store,
            String instance,
            Supplier<CompletableFuture<ControlPlaneConnection>> dialler,
            RandomGenerator random) {
        this.store = store;
        this.instance = instance;
        this.dialler = dialler;
        this.random = random;
    }

    /** Retries what may pass (no connection, 429, 5xx, no file with a proof yet) for {@code wait}; any other answer is final. */
    SvidStore.Stored run(JoinFile join, Proof proof, Duration wait)
            throws JoinException, IOException, InterruptedException {
        KeyPair key = store.pendingKey("enrolment");
        Backoff backoff = new Backoff(random);
        long end = System.nanoTime() + wait.toNanos();
        while (true) {
            String problem;
            try {
                Reply reply = post(request(proof, key));
                if (reply.status() == 200) {
                    return accept(reply, key, join);
                }
                problem = "enrolment refused: " + reply.problem();
                if (reply.status() != 429 && reply.status() < 500) {
                    throw new JoinException(JoinException.Kind.REFUSED, problem);
                }
            } catch (ControlPlaneException e) {
                problem = String.valueOf(e.getMessage());
            }
            Duration pause = backoff.next();
            if (System.nanoTime() + pause.toNanos() >= end) {
                throw new JoinException(
                        JoinException.Kind.TIMEOUT,
                        "not joined within " + wait.toSeconds() + " s: " + problem + " (expected: a control plane at "
                                + join.enrolment() + ")");
            }
            Log.warn("enrolment failed", "problem", problem, "retryMillis", pause.toMillis());
            Thread.sleep(pause);
        }
    }

    /** Made anew for each try: a proof may be a file that somebody else replaces. */
    private byte[] request(Proof proof, KeyPair key) throws ControlPlaneException {
        try {
            return Wire.encode(proof.request(key, instance));
        } catch (IOException e) {
            throw new ControlPlaneException(String.valueOf(e.getMessage()));
        }
    }

    private Reply post(byte[] request) throws ControlPlaneException, InterruptedException {
        try (ControlPlaneConnection connection = dialler.get().get()) {
            return connection.post(MeshNames.ENROL_PATH, request).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ControlPlaneException unavailable) {
                throw unavailable;
            }
            throw new ControlPlaneException("control plane: " + e.getCause());
        }
    }

    private static SvidStore.Stored accept(Reply reply, KeyPair key, JoinFile join) throws JoinException {
        try {
            Wire.Issued issued = Wire.issued(reply.body());
            X509Svid svid = X509Svid.of(Pem.certificates(issued.chainPem()), key.getPrivate());
            if (!svid.id().equals(join.identity())) {
                throw new JoinException(
                        JoinException.Kind.REFUSED,
                        "certificate issued for " + svid.id() + " (expected: " + join.identity()
                                + ", as the join file says)");
            }
            return new SvidStore.Stored(svid, issued.renewAt());
        } catch (InvalidMessageException | SvidRejectedException e) {
            throw new JoinException(JoinException.Kind.REFUSED, "enrolment answer refused: " + e.getMessage());
        }
    }
}
