package dev.sallyport.server.issuance;

import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.issuance.RefusedException.Reason;
import dev.sallyport.server.mesh.MeshState;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * By a projected token of a Kubernetes service account. Within a token's life a pod has one key, the first that came with one of its tokens: whoever got hold of a token cannot use it
 * beside the pod unseen. A sidecar whose state folder outlives its container never needs a second key for a pod.
 */
final class KubernetesAttestation implements Attestation {
    private final ServiceAccountTokens tokens;
    private final TrustDomain trustDomain;
    private final Map<String, String> services;
    private final Supplier<MeshState> mesh;

    /** IOException: the key file cannot be read. */
    KubernetesAttestation(KubernetesSettings settings, TrustDomain trustDomain, Supplier<MeshState> mesh)
            throws IOException {
        this.tokens = new ServiceAccountTokens(settings);
        this.trustDomain = trustDomain;
        this.services = settings.identities();
        this.mesh = mesh;
    }

    @Override
    public Method method() {
        return Method.KUBERNETES;
    }

    @Override
    public boolean repeatable() {
        return true; // The kubelet keeps a fresh token in the pod.
    }

    @Override
    public Claim verify(String proof, Instant now) throws RefusedException {
        ServiceAccountTokens.Pod pod = tokens.verify(proof, now);
        return new Claim(identity(pod), Hashes.sha256(proof), pod.podUid(), Instant.MIN, pod.expires());
    }

    private SpiffeId identity(ServiceAccountTokens.Pod pod) throws RefusedException {
        Optional<String> service = Optional.ofNullable(services.get(pod.account()));
        if (service.isPresent()) {
            return mesh.get()
                    .service(service.get())
                    .map(Mesh.Service::identity)
                    .orElseThrow(() -> new RefusedException(
                            Reason.NOT_DECLARED,
                            "service " + service.get() + ", of service account " + pod.account()
                                    + " (expected: one that the Mesh declares)"));
        }
        try {
            return SpiffeId.parse(trustDomain.uri() + "/ns/" + pod.namespace() + "/sa/" + pod.serviceAccount());
        } catch (InvalidSpiffeIdException e) {
            throw new RefusedException(Reason.UNPROVEN, "service account token: " + e.getMessage());
        }
    }

    @Override
    public Optional<String> use(Handle handle, Claim claim, String keyHash, Instant now) throws RefusedException {
        AttestedPods.forgetEnded(handle, now);
        for (AttestedPods.Use use : AttestedPods.of(handle, claim.subject())) {
            if (use.revoked()) {
                throw new RefusedException(
                        Reason.REVOKED,
                        "service account token: pod " + claim.subject() + " is revoked until " + use.expires()
                                + " (expected: another pod, or a token of later)");
            }
            if (!use.keyHash().equals(keyHash)) {
                AttestedPods.revoke(handle, claim.subject());
                return Optional.of(use.keyHash());
            }
            if (Certificates.enrolled(handle, claim.identity(), keyHash, method(), use.firstAt())
                    >= Issuance.ANSWERS_MAX) {
                throw new RefusedException(
                        Reason.USED,
                        "service account token: answered " + Issuance.ANSWERS_MAX
                                + " times for this key (expected: use an answer)");
            }
        }
        AttestedPods.add(handle, claim, keyHash, now);
        return Optional.empty();
    }
}
