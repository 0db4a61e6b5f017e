package dev.sallyport.server.issuance;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** A way to prove who one is without a certificate of the mesh. Any thread; blocks. */
sealed interface Attestation permits JoinTokenAttestation, KubernetesAttestation {
    /** Which way, and what it proves. */
    Method method();

    /** Whether the same workload can prove itself so again, and therefore must from time to time. */
    boolean repeatable();

    /** Whom {@code proof} names. Before anything is signed: a stranger's guess costs a look-up or one verification, nothing more. */
    Claim verify(String proof, Instant now) throws RefusedException;

    /**
     * Uses the proof for a key, in the transaction of the issue. The first key is the only one: the answer is that first key's hash when this is another, and the proof is revoked
     * then.
     */
    Optional<String> use(Handle handle, Claim claim, String keyHash, Instant now) throws RefusedException;
}
