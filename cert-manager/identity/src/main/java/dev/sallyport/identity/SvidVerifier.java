package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Chain → bundle of the trust domain that it claims → SPIFFE ID. Full path validation once per leaf, then a bounded cache by SHA-256 of the leaf until its notAfter, or until
 * its root leaves the bundle. Failures are not cached. Any thread.
 *
 * <p>Only the bundle of the claimed trust domain is asked: with all roots in one pot, any federated domain could sign
 * identities of ours.
 */
public final class SvidVerifier {
    /** Leaf, root and three between them; each costs a signature. */
    private static final int MAX_CHAIN = 5;

    /** Ten times what an SVID takes; a certificate of ten thousand names is not looked into. */
    private static final int MAX_CERTIFICATE_BYTES = 16 * 1024;

    /** Some hundred bytes each: the leaves that the callers of a busy service have between them. */
    private static final int MAX_PROOFS = 4096;

    private final SvidSource source;
    private final Clock clock;
    private final ConcurrentHashMap<String, PathProof> proofs = new ConcurrentHashMap<>();

    /** {@code source} gives bundles and revocations; {@code clock} judges dates. */
    public SvidVerifier(SvidSource source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Leaf first, as the peer sent it. A root at the end is ignored. */
    public SpiffeId verify(List<X509Certificate> chain) throws SvidRejectedException {
        return verify(chain, clock.instant());
    }

    /** The same as of {@code now}: what was signed then is judged by the dates of then, and by the bundle and the revocations of today. */
    public SpiffeId verify(List<X509Certificate> chain, Instant now) throws SvidRejectedException {
        checkBounds(chain);
        X509Certificate leaf = chain.getFirst();
        String fingerprint = X509Svid.fingerprintOf(leaf);
        PathProof known = proofs.get(fingerprint);
        if (known == null || !holds(known, now)) {
            known = prove(chain, now);
            if (proofs.size() >= MAX_PROOFS) {
                // Starting over is simpler than choosing a victim, and costs at most one validation per living peer.
                proofs.clear();
            }
            proofs.put(fingerprint, known);
        }
        return unrevoked(known.id(), leaf);
    }

    /** Whether a leaf that was trusted once has been taken back, also when nothing vouches for it any more. */
    public boolean revoked(SpiffeId id, String serial) {
        return source.revocations().holds(id, serial);
    }

    /** By the root and not by the generation: a change that concerns others must not cost everybody a signature at once. */
    private boolean holds(PathProof proof, Instant now) {
        Optional<TrustBundle> bundle = source.bundle(proof.id().trustDomain());
        return bundle.isPresent() && proof.holds(bundle.get(), now);
    }

    /** Asked each time: a proof of the path is no proof that nobody has taken it back since. */
    private SpiffeId unrevoked(SpiffeId id, X509Certificate leaf) throws SvidRejectedException {
        String serial = X509Svid.serialOf(leaf);
        if (source.revocations().holds(id, serial)) {
            throw new SvidRejectedException(
                    Reason.REVOKED, "certificate of " + id + ", serial " + serial + ": revoked");
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
}
