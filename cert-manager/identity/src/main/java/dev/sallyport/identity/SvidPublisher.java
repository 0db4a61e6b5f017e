package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The writing side of a {@link SvidSource}: validates with the peers' verifier, then swaps whole values. Thread-safe.
 * Bundles come first: an SVID whose trust domain has none yet is refused.
 */
public final class SvidPublisher {
    private final Clock clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Written under this object's lock only; read by any thread. */
    private volatile Published published = new Published(Optional.empty(), Map.of(), Revocations.NONE, 0);

    /** By the system clock. */
    public SvidPublisher() {
        this(Clock.systemUTC());
    }

    /** {@code clock} judges whether what is published is valid now. */
    public SvidPublisher(Clock clock) {
        this.clock = clock;
    }

    /** What was published last; the same source for the life of this publisher. */
    public SvidSource source() {
        return new SvidSource() {
            @Override
            public Optional<X509Svid> svid() {
                return published.svid();
            }

            @Override
            public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
                return published.bundle(trustDomain);
            }

            @Override
            public Revocations revocations() {
                return published.revocations();
            }

            @Override
            public long generation() {
                return published.generation();
            }
        };
    }

    /** Refuses, and keeps the old one, when the chain does not verify against the bundle of its own trust domain. */
    public void publish(X509Svid svid) throws SvidRejectedException {
        synchronized (this) {
            Published next = new Published(
                    Optional.of(svid), published.bundles(), published.revocations(), published.generation() + 1);
            verifyOwn(next);
            published = next;
        }
        listeners.forEach(Runnable::run);
    }

    /**
     * Refuses, and keeps the old ones, when the current SVID does not verify against the new bundles. An SVID that has
     * expired says nothing about bundles and holds nothing up. The bundles that are there already are no change: nobody
     * has to open new connections for them.
     */
    public void publishBundles(List<TrustBundle> bundles) throws SvidRejectedException {
        publishTrust(bundles, published.revocations());
    }

    /** {@link #publishBundles}, and in the same step what no longer counts. Our own SVID among it holds nothing up: it is for the others to refuse. */
    public void publishTrust(List<TrustBundle> bundles, Revocations revocations) throws SvidRejectedException {
        Map<TrustDomain, TrustBundle> byDomain = byDomain(bundles);
        synchronized (this) {
            if (published.bundles().equals(byDomain) && published.revocations().equals(revocations)) {
                return;
            }
            Published next =
                    new Published(published.svid(), Map.copyOf(byDomain), revocations, published.generation() + 1);
            try {
                verifyOwn(next);
            } catch (SvidRejectedException e) {
                if (e.reason() != Reason.EXPIRED) {
                    throw e;
                }
            }
            published = next;
        }
        listeners.forEach(Runnable::run);
    }

    /** What no longer counts; bundles and SVID stay. Never refused, never waits for whoever makes an SVID. */
    public void publishRevocations(Revocations revocations) {
        synchronized (this) {
            if (published.revocations().equals(revocations)) {
                return;
            }
            published = new Published(published.svid(), published.bundles(), revocations, published.generation() + 1);
        }
        listeners.forEach(Runnable::run);
    }

    /**
     * Both in one step, for an authority that was replaced together with what it issued: either alone would not verify.
     * Refuses, and keeps the old ones, when they do not fit. What is there already is no change.
     */
    public void publish(X509Svid svid, List<TrustBundle> bundles) throws SvidRejectedException {
        Map<TrustDomain, TrustBundle> byDomain = byDomain(bundles);
        synchronized (this) {
            boolean held = published
                    .svid()
                    .filter(current -> current.chain().equals(svid.chain()))
                    .isPresent();
            if (held && published.bundles().equals(byDomain)) {
                return;
            }
            Published next = new Published(
                    Optional.of(svid), Map.copyOf(byDomain), published.revocations(), published.generation() + 1);
            verifyOwn(next);
            published = next;
        }
        listeners.forEach(Runnable::run);
    }

    private static Map<TrustDomain, TrustBundle> byDomain(List<TrustBundle> bundles) throws SvidRejectedException {
        Map<TrustDomain, TrustBundle> byDomain = new HashMap<>();
        for (TrustBundle bundle : bundles) {
            if (byDomain.put(bundle.trustDomain(), bundle) != null) {
                throw new SvidRejectedException(
                        Reason.UNTRUSTED,
                        "trust bundles: two for " + bundle.trustDomain() + " (expected: one per trust domain)");
            }
        }
        return byDomain;
    }

    /** Called after each change, on the publishing thread. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private void verifyOwn(Published next) throws SvidRejectedException {
        if (next.svid().isPresent()) {
            new SvidVerifier(next.withoutRevocations(), clock)
                    .verify(next.svid().get().chain());
        }
    }

    /** One consistent state; replaced as a whole. */
    private record Published(
            Optional<X509Svid> svid, Map<TrustDomain, TrustBundle> bundles, Revocations revocations, long generation)
            implements SvidSource {
        Published withoutRevocations() {
            return new Published(svid, bundles, Revocations.NONE, generation);
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return Optional.ofNullable(bundles.get(trustDomain));
        }
    }
}
