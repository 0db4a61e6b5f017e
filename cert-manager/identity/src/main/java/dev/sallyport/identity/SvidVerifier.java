package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Chain → bundle of the trust domain that it claims → SPIFFE ID. Full path validation once per leaf, then a bounded cache by SHA-256 of the leaf until its notAfter or the next
 * change of bundles. Failures are not cached. Any thread.
 *
 * <p>Only the bundle of the claimed trust domain is asked: with all roots in one pot, any federated domain could sign
 * identities of ours.
 */
public final class SvidVerifier {
    /** Leaf, root and three between them; each costs a signature. */
    private static final int MAX_CHAIN = 5;

    /** Ten times what an SVID takes; a certificate of ten thousand names is not looked into. */
    private static final int MAX_CERTIFICATE_BYTES = 16 * 1024;

    private static final int MAX_PROOFS = 1024;

    private final SvidSource source;
    private final Clock clock;
    private volatile Proofs proofs;

    /** {@code source} gives bundles and their generation; {@code clock} judges dates. */
    public SvidVerifier(SvidSource source, Clock clock) {
        this.source = source;
        this.clock = clock;
        this.proofs = new Proofs(source.generation(), new ConcurrentHashMap<>());
    }

    /** Leaf first, as the peer sent it. A root at the end is ignored. */
    public SpiffeId verify(List<X509Certificate> chain) throws SvidRejectedException {
        checkBounds(chain);
        // Before the bundle is read: a proof from an older bundle must never be filed under a newer generation.
        Proofs current = currentProofs();
        Instant now = clock.instant();
        String fingerprint = X509Svid.fingerprintOf(chain.getFirst());
        PathProof known = current.byFingerprint.get(fingerprint);
        if (known != null && known.holds(now)) {
            return unrevoked(known.id(), chain.getFirst());
        }
        PathProof proof = prove(chain, now);
        if (current.byFingerprint.size() >= MAX_PROOFS) {
            // Starting over is simpler than choosing a victim, and costs at most one validation per living peer.
            current.byFingerprint.clear();
        }
        current.byFingerprint.put(fingerprint, proof);
        return unrevoked(proof.id(), chain.getFirst());
    }

    /** Asked each time: a proof of the path is no proof that nobody has taken it back since. */
    private SpiffeId unrevoked(SpiffeId id, X509Certificate leaf) throws SvidRejectedException {
        String serial = X509Svid.serialOf(leaf);
        if (source.revocations().holds(id, serial)) {
            throw new SvidRejectedException(
                    Reason.UNTRUSTED, "certificate of " + id + ", serial " + serial + ": revoked");
        }
        return id;
    }

    /** Number and size of what a stranger sent, before anything looks inside. */
    static void checkBounds(List<X509Certificate> chain) throws SvidRejectedException {
        if (chain.isEmpty()) {
            throw new SvidRejectedException(Reason.MISSING, "certificate chain: empty (expected: an X.509-SVID)");
        }
        if (chain.size() > MAX_CHAIN) {
            throw new SvidRejectedException(
                    Reason.UNTRUSTED,
                    "certificate chain: " + chain.size() + " certificates (expected: <= " + MAX_CHAIN + ")");
        }
        for (X509Certificate certificate : chain) {
            int bytes = Pem.der(certificate).length;
            if (bytes > MAX_CERTIFICATE_BYTES) {
                throw new SvidRejectedException(
                        Reason.UNTRUSTED,
                        "certificate: " + bytes + " bytes (expected: <= " + MAX_CERTIFICATE_BYTES + ")");
            }
        }
    }

    private PathProof prove(List<X509Certificate> chain, Instant now) throws SvidRejectedException {
        SpiffeId id = LeafProfile.check(chain.getFirst());
        TrustBundle bundle = source.bundle(id.trustDomain())
                .orElseThrow(() -> new SvidRejectedException(
                        Reason.UNTRUSTED,
                        "certificate of " + id
                                + ": no bundle for its trust domain (expected: one that the mesh declares)"));
        return CertificatePath.prove(id, chain, bundle, now);
    }

    private Proofs currentProofs() {
        Proofs current = proofs;
        long generation = source.generation();
        if (current.generation == generation) {
            return current;
        }
        Proofs fresh = new Proofs(generation, new ConcurrentHashMap<>());
        proofs = fresh;
        return fresh;
    }

    /** What was proven under one generation of the source; dropped as a whole with the next. */
    private record Proofs(long generation, ConcurrentHashMap<String, PathProof> byFingerprint) {}
}
