package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Sidecars that live on while control planes come and go: each with real certificates and the bundle that it was told last. After whatever happens, everybody who is connected must
 * still be able to verify everybody else, and the control plane.
 */
final class TestFleet implements Fleet {
    static final TrustDomain SHOP = new TrustDomain("shop.example");
    static final Duration LIFE = Duration.ofHours(24);

    /** One sidecar. */
    static final class Sidecar {
        final Instance instance;
        boolean connected = true;
        boolean answers = true;
        boolean renews = true;
        Optional<String> refusal = Optional.empty();
        TrustBundle bundle;
        IssuedCertificate held;

        Sidecar(Instance instance, TrustBundle bundle, IssuedCertificate held) {
            this.instance = instance;
            this.bundle = bundle;
            this.held = held;
        }

        String serial() {
            return X509Svid.serialOf(held.leaf());
        }
    }

    private final Clock clock;
    private final Effects effects;
    final Map<Instance, Sidecar> sidecars = new LinkedHashMap<>();
    private final Map<Question, Optional<String>> answers = new HashMap<>();
    final Set<String> left = new TreeSet<>();
    final List<String> asked = new ArrayList<>();
    private @Nullable Store store;
    private @Nullable Authorities authorities;
    private @Nullable CaRotation rotation;
    private @Nullable IssuedCertificate own;
    /** The control plane's own certificate outlasts an authority that is away. */
    boolean keepsItsOwnWhenNobodySigns;

    TestFleet(Clock clock, Effects effects) {
        this.clock = clock;
        this.effects = effects;
    }

    /** The control plane that they find now. */
    void of(Store current, Authorities itsAuthorities, CaRotation itsRotation) throws Exception {
        store = current;
        authorities = itsAuthorities;
        rotation = itsRotation;
        own = ownLeaf();
    }

    private IssuedCertificate ownLeaf() throws Exception {
        try {
            return leaf(authorities().own(), SpiffeId.controlPlane(SHOP));
        } catch (AuthorityUnavailableException e) {
            if (keepsItsOwnWhenNobodySigns) {
                return Objects.requireNonNull(own);
            }
            throw e;
        }
    }

    Authorities authorities() {
        return Objects.requireNonNull(authorities);
    }

    /** Joins with a token that was made now. */
    Sidecar join(String service, String id) throws Exception {
        return join(
                service,
                id,
                authorities().joining(clock.instant()),
                authorities().bundle());
    }

    Sidecar join(String service, String id, Generation signer, TrustBundle bundle) throws Exception {
        Instance instance = new Instance("spiffe://shop.example/sa/" + service, id);
        Sidecar joined = new Sidecar(instance, bundle, issue(signer, instance, "join-token"));
        sidecars.put(instance, joined);
        return joined;
    }

    private static IssuedCertificate leaf(Generation signer, SpiffeId identity) throws Exception {
        byte[] request = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());
        return signer.authority().issue(request, identity, LIFE);
    }

    private IssuedCertificate issue(Generation signer, Instance instance, String method) throws Exception {
        IssuedCertificate issued = leaf(signer, SpiffeId.parse(instance.identity()));
        Objects.requireNonNull(store)
                .change(handle -> handle.execute(
                        "insert into certificates (serial, identity, not_before, not_after, renew_at, issued_at, method,"
                                + " instance, key_hash, generation) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        X509Svid.serialOf(issued.leaf()),
                        instance.identity(),
                        issued.leaf().getNotBefore().toInstant().toEpochMilli(),
                        issued.leaf().getNotAfter().toInstant().toEpochMilli(),
                        issued.leaf().getNotAfter().toInstant().toEpochMilli(),
                        clock.millis(),
                        method,
                        instance.id(),
                        "",
                        signer.number()));
        return issued;
    }

    /** As its schedule or a request to rotate makes it: a certificate that it cannot verify itself is not used. */
    void renew(Sidecar sidecar) {
        try {
            IssuedCertificate next = issue(authorities().signing(), sidecar.instance, "renewal");
            verify(sidecar.bundle, next, "itself");
            sidecar.held = next;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The certificate is signed, and the answer lost. */
    void renewInVain(Sidecar sidecar) throws Exception {
        issue(authorities().signing(), sidecar.instance, "renewal");
    }

    /** Nobody who is connected is shut out by anybody. */
    void assertEverybodyIsUnderstood() {
        List<Sidecar> present =
                sidecars.values().stream().filter(one -> one.connected).toList();
        for (Sidecar verifier : present) {
            verify(verifier.bundle, Objects.requireNonNull(own), "the control plane");
            for (Sidecar peer : present) {
                verify(verifier.bundle, peer.held, peer.instance.toString());
            }
        }
        present.forEach(peer -> verify(authorities().bundle(), peer.held, peer.instance.toString()));
    }

    void assertReachesTheControlPlane(Sidecar sidecar) {
        verify(sidecar.bundle, Objects.requireNonNull(own), "the control plane");
        verify(authorities().bundle(), sidecar.held, sidecar.instance.toString());
        verify(sidecar.bundle, sidecar.held, "itself");
    }

    private void verify(TrustBundle bundle, IssuedCertificate chain, String whose) {
        Optional<String> problem = problem(bundle, chain);
        if (problem.isPresent()) {
            throw new AssertionError("certificate of " + whose + " is not accepted: " + problem.get());
        }
    }

    private record Question(TrustBundle bundle, IssuedCertificate chain, Instant at) {}

    private Optional<String> problem(TrustBundle bundle, IssuedCertificate chain) {
        return answers.computeIfAbsent(
                new Question(bundle, chain, clock.instant()), asked -> prove(asked.bundle(), asked.chain()));
    }

    private Optional<String> prove(TrustBundle bundle, IssuedCertificate chain) {
        SvidPublisher trust = new SvidPublisher(clock);
        try {
            trust.publishBundles(List.of(bundle));
            new SvidVerifier(trust.source(), clock).verify(chain.chain());
            return Optional.empty();
        } catch (SvidRejectedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public List<Seen> seen() {
        return sidecars.values().stream()
                .map(one -> new Seen(
                        one.instance,
                        one.connected,
                        one.connected ? Optional.of(one.serial()) : Optional.empty(),
                        one.connected ? Optional.of(clock.instant()) : Optional.empty(),
                        Optional.empty()))
                .toList();
    }

    @Override
    public Optional<String> service(String identity) {
        return identity.contains("/gone")
                ? Optional.empty()
                : Optional.of(identity.substring(identity.lastIndexOf('/') + 1));
    }

    @Override
    public void tryCanary(Instance instance, String authority) {
        effects.happen(() -> {
            asked.add("canary " + instance.id());
            Sidecar sidecar = Objects.requireNonNull(sidecars.get(instance));
            if (sidecar.answers) {
                canary(sidecar, authority);
            }
        });
    }

    private void canary(Sidecar sidecar, String authority) {
        try {
            IssuedCertificate canary = issue(authorities().staged(authority).orElseThrow(), sidecar.instance, "canary");
            Optional<String> problem = sidecar.refusal.or(() -> problem(sidecar.bundle, canary));
            Objects.requireNonNull(rotation).canary(sidecar.instance, authority, problem);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void rotate(Instance instance, String reason) {
        effects.happen(() -> {
            asked.add("rotate " + instance.id());
            Sidecar sidecar = Objects.requireNonNull(sidecars.get(instance));
            if (sidecar.renews) {
                renew(sidecar);
            }
        });
    }

    @Override
    public void leave(Set<String> serials, String reason) {
        effects.happen(() -> left.addAll(serials));
    }

    @Override
    public void follow() throws IssuanceRefusedException, AuthorityUnavailableException {
        try {
            own = ownLeaf();
        } catch (IssuanceRefusedException | AuthorityUnavailableException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        effects.happen(() -> sidecars.values().stream()
                .filter(one -> one.connected)
                .forEach(one -> one.bundle = authorities().bundle()));
    }

    /** Finds its stream again, and is told what to trust. */
    void comeBack(Sidecar sidecar) {
        sidecar.connected = true;
        sidecar.bundle = authorities().bundle();
        Objects.requireNonNull(rotation).connected(sidecar.instance);
    }
}
