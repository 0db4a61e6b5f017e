package dev.sallyport.server.collector;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * From bytes to a {@link VerifiedBatch}. The chain of the seal counts at the seal's own time, so that what was sealed before a certificate ended is still taken after; it must end at
 * a root that is trusted today. Revocations are not asked: what a workload recorded before it was revoked is what one wants to read most, and what it records after is appended
 * under its own name, beside the revocation. Who may talk to us at all is the handshake's question. Any thread; blocks.
 */
public final class SealCheck {
    /** A seal from further in the future is a clock that is wrong, or a certificate that is to begin to count. */
    private static final Duration AHEAD_MAX = Duration.ofMinutes(5);

    /** Whose certificate a serial is. */
    @FunctionalInterface
    public interface Inventory {
        /** The instance that the certificate was issued to; empty when it is not known, or was issued for a trial alone. */
        Optional<String> instanceOf(String serial);
    }

    private final SvidVerifier verifier;
    private final Inventory inventory;
    private final Clock clock;

    /** {@code bundle}: the roots of today. */
    public SealCheck(Supplier<TrustBundle> bundle, Inventory inventory, Clock clock) {
        this.verifier = new SvidVerifier(new Roots(bundle), clock);
        this.inventory = inventory;
        this.clock = clock;
    }

    /** {@code peer}: whose connection brought it. */
    VerifiedBatch verify(byte[] body, SpiffeId peer) throws BatchRefusedException {
        SealedBatch batch = decoded(body);
        SealedBatch.Seal seal = batch.seal();
        StreamName stream = StreamName.parse(seal.stream());
        if (seal.at().isAfter(clock.instant().plus(AHEAD_MAX))) {
            throw new BatchRefusedException(
                    Reason.IDENTITY,
                    "seal: made at " + seal.at() + " (expected: not in the future; is a clock wrong?)");
        }
        X509Certificate leaf = sealer(seal, stream, peer);
        if (!seal.signedBy(leaf.getPublicKey())) {
            throw new BatchRefusedException(Reason.IDENTITY, "seal: not signed with the key of its certificate");
        }
        return new VerifiedBatch(stream, peer, seal, SealedLines.read(batch));
    }

    private static SealedBatch decoded(byte[] body) throws BatchRefusedException {
        try {
            return SealedBatch.decode(body);
        } catch (InvalidMessageException e) {
            throw new BatchRefusedException(Reason.FORM, String.valueOf(e.getMessage()));
        }
    }

    /** Only the certificate of the instance that the stream names: another one of the same service could else block its log by records of its own. */
    private X509Certificate sealer(SealedBatch.Seal seal, StreamName stream, SpiffeId peer)
            throws BatchRefusedException {
        List<X509Certificate> chain;
        SpiffeId id;
        try {
            chain = Pem.certificates(seal.chainPem());
            id = verifier.verify(chain, seal.at());
        } catch (SvidRejectedException e) {
            throw new BatchRefusedException(Reason.IDENTITY, "seal: " + e.getMessage());
        }
        if (!id.equals(peer)) {
            throw new BatchRefusedException(
                    Reason.IDENTITY, "seal: of " + id + " (expected: of " + peer + ", who brings it)");
        }
        String serial = X509Svid.serialOf(chain.getFirst());
        if (!inventory.instanceOf(serial).equals(Optional.of(stream.instance()))) {
            throw new BatchRefusedException(
                    Reason.IDENTITY,
                    "seal: certificate " + serial + " (expected: one that was issued to instance " + stream.instance()
                            + "; seal it again with the one held now)");
        }
        return chain.getFirst();
    }

    /** Bundles, and nothing of one's own. */
    private record Roots(Supplier<TrustBundle> bundles) implements SvidSource {
        @Override
        public Optional<X509Svid> svid() {
            return Optional.empty();
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            TrustBundle own = bundles.get();
            return own.trustDomain().equals(trustDomain) ? Optional.of(own) : Optional.empty();
        }

        @Override
        public long generation() {
            return 0;
        }
    }
}
