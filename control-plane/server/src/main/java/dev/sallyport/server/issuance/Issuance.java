package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.issuance.RefusedException.Reason;
import dev.sallyport.server.store.Store;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who gets a certificate: who proves an identity ({@link Attestation}), or holds its current certificate, if the policy lets that identity have one now. Every look that decides is
 * taken again in the transaction that hands the certificate out. Any thread; blocks.
 */
public final class Issuance {
    private static final Logger log = LoggerFactory.getLogger(Issuance.class);
    /** More answers than this to one request are no lost answers: they would only fill the inventory. */
    static final int ANSWERS_MAX = 10;
    /** Where the first proof can be repeated, renewals alone do no longer than this: a lineage that was stolen unseen ends. */
    static final Duration ATTESTED_FOR = Duration.ofDays(30);

    /** The sidecar's own random id; it becomes part of logs, lists and file names. */
    private static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final Store store;
    private final Map<String, Attestation> attestations;
    private final IssuancePolicy policy;
    private final Authorities authorities;
    private final LeafSigning signing;
    private final RenewalSlots slots;
    private final RevocationStore revocations;
    private final Outcomes outcomes;
    private final Clock clock;

    Issuance(
            Store store,
            List<Attestation> attestations,
            IssuancePolicy policy,
            Authorities authorities,
            LeafSigning signing,
            RenewalSlots slots,
            RevocationStore revocations,
            Outcomes outcomes,
            Clock clock) {
        this.store = store;
        this.attestations = attestations.stream()
                .collect(Collectors.toMap(one -> one.method().code(), Function.identity()));
        this.policy = policy;
        this.authorities = authorities;
        this.signing = signing;
        this.slots = slots;
        this.revocations = revocations;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /** The first certificate, against a proof. */
    public Wire.Issued enrol(Wire.Enrolment request)
            throws RefusedException, ThrottledException, AuthorityUnavailableException {
        Asker stranger = Asker.stranger(request.method(), request.instance());
        Instant now = clock.instant();
        Attestation attestation = outcomes.of(stranger, () -> attestation(request.method()));
        Claim claim = outcomes.of(stranger, () -> attestation.verify(request.token(), now));
        return outcomes.of(stranger.proven(claim.identity()), () -> enrol(attestation, claim, request, now));
    }

    private Wire.Issued enrol(Attestation attestation, Claim claim, Wire.Enrolment request, Instant now)
            throws RefusedException, ThrottledException, AuthorityUnavailableException {
        refuseInstance(request.instance());
        policy.refuseUndeclared(claim.identity());
        store.read(handle -> notBarred(handle, claim));
        policy.spend(attestation.method(), claim.identity(), request.instance());
        LeafSigning.Signed signed = signing.sign(
                authorities.joining(claim.trustAsOf()),
                request.csrPem(),
                claim.identity(),
                policy.life(claim.identity()));
        return handOut(
                new LeafSigning.Draft(claim.identity(), attestation.method(), request.instance(), Optional.empty()),
                signed,
                handle -> attestation
                        .use(handle, claim, signed.keyHash(), now)
                        .map(first -> Alarm.ofProof(attestation.method(), claim, first, request.instance())));
    }

    /** The next certificate, against the current one. */
    public Wire.Issued renew(Peer peer, Wire.Renewal request)
            throws RefusedException, ThrottledException, AuthorityUnavailableException {
        return outcomes.of(Asker.of(peer, request.instance()), () -> renewOrRefuse(peer, request));
    }

    private Wire.Issued renewOrRefuse(Peer peer, Wire.Renewal request)
            throws RefusedException, ThrottledException, AuthorityUnavailableException {
        refuseInstance(request.instance());
        policy.refuseUndeclared(peer.id());
        Certificates.Entry current = store.read(handle -> renewable(handle, peer));
        policy.spend(Method.RENEWAL, peer.id(), request.instance());
        LeafSigning.Signed signed =
                signing.sign(authorities.signing(), request.csrPem(), peer.id(), policy.life(peer.id()));
        if (signed.keyHash().equals(current.keyHash())) {
            throw new RefusedException(
                    Reason.REQUEST,
                    "renewal: the key of the current certificate (expected: a new key for each certificate)");
        }
        return handOut(
                new LeafSigning.Draft(peer.id(), Method.RENEWAL, request.instance(), Optional.of(current)),
                signed,
                handle -> renewedByAnother(handle, peer, signed.keyHash())
                        ? Optional.of(Alarm.ofRenewal(peer, current.keyHash()))
                        : Optional.empty());
    }

    /** What a revoked certificate, or one of a revoked identity, may do here: nothing. One that is not in the inventory is not known to be revoked. */
    public void refuseRevoked(Peer peer) throws RefusedException {
        store.read(handle -> {
            RevocationRows.refuseBarred(handle, peer.id());
            if (Certificates.find(handle, peer.serial())
                    .filter(Certificates.Entry::revoked)
                    .isPresent()) {
                throw revoked(peer);
            }
            return peer;
        });
    }

    private static RefusedException revoked(Peer peer) {
        return new RefusedException(
                Reason.REVOKED, "certificate " + peer.serial() + " is revoked (expected: join again with a new token)");
    }

    public static boolean wellFormedInstance(String instance) {
        return INSTANCE.matcher(instance).matches();
    }

    private static void refuseInstance(String instance) throws RefusedException {
        if (!wellFormedInstance(instance)) {
            throw new RefusedException(Reason.REQUEST, "instance (expected: 1 to 64 of A-Z a-z 0-9 . _ -)");
        }
    }

    private Attestation attestation(String method) throws RefusedException {
        Attestation attestation = attestations.get(method);
        if (attestation == null) {
            throw new RefusedException(
                    Reason.UNPROVEN,
                    "method (expected: one that this control plane is configured for: "
                            + String.join(", ", new TreeSet<>(attestations.keySet())) + ")");
        }
        return attestation;
    }

    private static Claim notBarred(Handle handle, Claim claim) throws RefusedException {
        RevocationRows.refuseBarred(handle, claim.identity());
        return claim;
    }

    private Certificates.Entry renewable(Handle handle, Peer peer) throws RefusedException {
        RevocationRows.refuseBarred(handle, peer.id());
        Certificates.Entry entry = Certificates.find(handle, peer.serial())
                .orElseThrow(() -> new RefusedException(
                        Reason.UNPROVEN,
                        "renewal: certificate " + peer.serial()
                                + " is not in the inventory (expected: join again with a new token)"));
        if (entry.revoked()) {
            throw revoked(peer);
        }
        boolean again = Optional.ofNullable(attestations.get(entry.origin()))
                .filter(Attestation::repeatable)
                .isPresent();
        if (again && clock.instant().isAfter(entry.attestedAt().plus(ATTESTED_FOR))) {
            throw new RefusedException(
                    Reason.ATTEST_AGAIN,
                    "renewal: attested by " + entry.origin() + " at " + entry.attestedAt()
                            + " (expected: enrolled again by that method at most every " + ATTESTED_FOR.toDays()
                            + " days)");
        }
        return entry;
    }

    /** Whether the certificate was renewed with another key before. */
    private boolean renewedByAnother(Handle handle, Peer peer, String keyHash) throws RefusedException {
        renewable(handle, peer); // Once more: it may have been revoked since.
        List<Certificates.Entry> successors = Certificates.successors(handle, peer.serial());
        if (!successors.stream().allMatch(entry -> entry.keyHash().equals(keyHash))) {
            return true;
        }
        if (successors.size() >= ANSWERS_MAX) {
            throw new RefusedException(
                    Reason.USED,
                    "renewal: of certificate " + peer.serial() + " answered " + ANSWERS_MAX
                            + " times for this key (expected: use an answer, or join again with a new token)");
        }
        return false;
    }

    /** The last look, in the transaction: throws to refuse; an alarm means that two hold what only one can have. */
    private interface LastLook {
        Optional<Alarm> at(Handle handle) throws RefusedException;
    }

    private Wire.Issued handOut(LeafSigning.Draft draft, LeafSigning.Signed signed, LastLook look)
            throws RefusedException {
        Instant now = clock.instant();
        Instant renewAt = slots.plan(now, signed.notAfter());
        boolean handedOut = false;
        try {
            Optional<Alarm> alarm = store.change(handle -> {
                RevocationRows.refuseBarred(handle, draft.identity());
                Optional<Alarm> found = look.at(handle);
                if (found.isEmpty()) {
                    Certificates.add(handle, signed.entry(draft, now, renewAt), signed.der());
                    CertificateEvents.add(handle, signed.event(draft, now));
                    return found;
                }
                return Optional.of(found.get().raised(handle, draft, now));
            });
            if (alarm.isPresent()) {
                outcomes.alarm(alarm.get().what());
                revocations.publish();
                throw new RefusedException(Reason.OTHER_KEY, alarm.get().refusal());
            }
            handedOut = true;
        } finally {
            if (!handedOut) {
                slots.release(now, renewAt);
            }
        }
        draft.parent()
                .filter(parent -> parent.replacedAt().isEmpty())
                .ifPresent(parent -> slots.release(now, parent.renewAt()));
        outcomes.issued(draft.method());
        log.info("certificate {} issued to {} until {}", signed.serial(), draft.identity(), signed.notAfter());
        return new Wire.Issued(Pem.encode(signed.issued().chain()), renewAt, now);
    }
}
