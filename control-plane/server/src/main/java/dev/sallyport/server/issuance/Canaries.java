package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.Generation;
import dev.sallyport.server.issuance.RefusedException.Reason;
import dev.sallyport.server.store.Store;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves of the authority that is to sign soon, for the asker's own identity: long enough for a test handshake, and in the inventory like every other. Any thread; blocks.
 */
public final class Canaries {
    private static final Logger log = LoggerFactory.getLogger(Canaries.class);

    private final Store store;
    private final IssuancePolicy policy;
    private final Authorities authorities;
    private final LeafSigning signing;
    private final Outcomes outcomes;
    private final Clock clock;

    Canaries(
            Store store,
            IssuancePolicy policy,
            Authorities authorities,
            LeafSigning signing,
            Outcomes outcomes,
            Clock clock) {
        this.store = store;
        this.policy = policy;
        this.authorities = authorities;
        this.signing = signing;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /** For the instance that {@code peer} was issued to, as long as its certificate counts. */
    public Wire.Issued issue(Peer peer, Wire.CanaryRequest request)
            throws RefusedException, ThrottledException, AuthorityUnavailableException {
        return outcomes.of(Asker.of(Method.CANARY, peer, request.instance()), () -> issueOrRefuse(peer, request));
    }

    private Wire.Issued issueOrRefuse(Peer peer, Wire.CanaryRequest request)
            throws RefusedException, ThrottledException, AuthorityUnavailableException {
        Issuance.refuseInstance(request.instance());
        policy.refuseUndeclared(peer.id());
        InventoryCheck.refuseOther(store.read(handle -> InventoryCheck.held(handle, peer)), request.instance());
        Generation staged = authorities
                .staged(request.authority())
                .orElseThrow(
                        () -> new RefusedException(Reason.REQUEST, "authority (expected: the one that is staged now)"));
        IssuanceRates.Spent spent = policy.spend(Method.CANARY, peer.id(), request.instance());
        LeafSigning.Signed signed =
                signing.sign(staged, request.csrPem(), peer.id(), policy.canaryLife(peer.id()), spent);
        Instant now = clock.instant();
        LeafSigning.Draft draft = new LeafSigning.Draft(peer.id(), Method.CANARY, request.instance(), Optional.empty());
        store.change(handle -> {
            InventoryCheck.held(handle, peer); // Once more: a revocation in between takes the canaries that it finds.
            Certificates.add(handle, signed.entry(draft, now, signed.notAfter()), signed.der());
            CertificateEvents.add(handle, signed.event(draft, now));
            return signed;
        });
        outcomes.issued(Method.CANARY);
        log.info(
                "canary {} of generation {} issued to {} until {}",
                signed.serial(),
                staged.number(),
                peer.id(),
                signed.notAfter());
        return new Wire.Issued(Pem.encode(signed.issued().chain()), signed.notAfter(), now);
    }
}
