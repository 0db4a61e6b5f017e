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
    /** More answers than this to one proof are no lost answers: they would only fill the inventory. */
    static final int ANSWERS_MAX = 10;
    /** Where the first proof can be repeated, renewals alone do no longer than this: a lineage that was stolen unseen ends. */
    static final Duration ATTESTED_FOR = Duration.ofDays(30);

    /** Nothing has to be waited for: the other authority signs already. */
    private static final Duration LEFT_AGAIN = Duration.ofSeconds(1);

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
        Asker stranger = Asker.stranger(
                Optional.ofNullable(attestations.get(request.method())).map(Attestation::method), request.instance());
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
        IssuanceRates.Spent spent = policy.spend(attestation.method(), claim.identity(), request.instance());
        LeafSigning.Signed signed = signing.sign(
                authorities.joining(claim.trustAsOf()),
                request.csrPem(),
                claim.identity(),
                policy.life(claim.identity()),
                spent);
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
        return outcomes.of(Asker.of(Method.RENEWAL, peer, request.instance()), () -> renewOrRefuse(peer, request));
    }

    private Wire.Issued renewOrRefuse(Peer peer, Wire.Renewal request)
            throws RefusedException, ThrottledException, AuthorityUnavailableException {
        refuseInstance(request.instance());
        policy.refuseUndeclared(peer.id());
        Certificates.Entry current = store.read(handle -> renewable(handle, peer));
        InventoryCheck.refuseOther(current, request.instance());
        Optional<Wire.Issued> before = answeredBefore(current, request.csrPem());
        if (before.isPresent()) {
            return before.get();
        }
        IssuanceRates.Spent spent = policy.spend(Method.RENEWAL, peer.id(), request.instance());
        LeafSigning.Signed signed =
                signing.sign(authorities.signing(), request.csrPem(), peer.id(), policy.life(peer.id()), spent);
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

    /** What a revoked certificate, one of a revoked identity, or a canary may do here: nothing. One that is not in the inventory is not known to be revoked. */
    public void refuseRevoked(Peer peer) throws RefusedException {
        store.read(handle -> InventoryCheck.refuseRevoked(handle, peer));
    }

    /** Only the certificate that {@code instance} was issued speaks for it. */
    public void refuseOther(Peer peer, String instance) throws RefusedException {
        InventoryCheck.refuseOther(store.read(handle -> InventoryCheck.held(handle, peer)), instance);
    }

    public static boolean wellFormedInstance(String instance) {
        return INSTANCE.matcher(instance).matches();
    }

    static void refuseInstance(String instance) throws RefusedException {
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
        Certificates.Entry entry = InventoryCheck.held(handle, peer);
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

    /**
     * The answer that this key got before, as long as it is what it would get now: whoever lost it, or could not use it yet for want of a root or of a minute on its clock, is helped
     * by that one, for which nothing has to be signed, and not by another, which might be lost as well.
     */
    private Optional<Wire.Issued> answeredBefore(Certificates.Entry current, String csrPem) throws RefusedException {
        if (current.replacedAt().isEmpty()) {
            return Optional.empty();
        }
        String keyHash = LeafSigning.keyHash(csrPem);
        Instant now = clock.instant();
        int signer = authorities.signing().number();
        List<Certificates.Entry> successors = store.read(handle -> Certificates.successors(handle, current.serial()));
        if (!successors.stream().allMatch(entry -> entry.keyHash().equals(keyHash))) {
            return Optional.empty(); // An alarm, which is for the transaction to raise.
        }
        return Optional.of(successors.getLast())
                .filter(entry -> !entry.revoked() && now.isBefore(entry.notAfter()) && entry.generation() == signer)
                .filter(entry -> entry.replacedAt().isEmpty()) // Else it could not be renewed in its turn.
                .flatMap(entry -> store.read(handle -> Certificates.leaf(handle, entry.serial()))
                        .flatMap(signing::chain)
                        .map(chain -> new Wire.Issued(Pem.encode(chain), entry.renewAt(), now)));
    }

    /** Whether the certificate was renewed with another key before. */
    private boolean renewedByAnother(Handle handle, Peer peer, String keyHash) throws RefusedException {
        renewable(handle, peer); // Once more: it may have been revoked since.
        return !Certificates.successors(handle, peer.serial()).stream()
                .allMatch(entry -> entry.keyHash().equals(keyHash));
    }

    /** The last look, in the transaction: throws to refuse; an alarm means that two hold what only one can have. */
    private interface LastLook {
        Optional<Alarm> at(Handle handle) throws RefusedException;
    }

    /** What came of the transaction that was to record a certificate. */
    private sealed interface Entered {
        record Recorded() implements Entered {}

        /** A rotation left the signer while it signed: nobody is going to trust the certificate. */
        record Left() implements Entered {}

        record Alarmed(Alarm alarm) implements Entered {}
    }

    private Entered entered(
            Handle handle,
            LeafSigning.Draft draft,
            LeafSigning.Signed signed,
            LastLook look,
            Instant renewAt,
            Instant now)
            throws RefusedException {
        RevocationRows.refuseBarred(handle, draft.identity());
        if (!authorities.trusted(handle, signed.signer())) {
            return new Entered.Left();
        }
        Optional<Alarm> found = look.at(handle);
        if (found.isPresent()) {
            return new Entered.Alarmed(found.get().raised(handle, draft, now));
        }
        Certificates.add(handle, signed.entry(draft, now, renewAt), signed.der());
        CertificateEvents.add(handle, signed.event(draft, now));
        return new Entered.Recorded();
    }

    private static AuthorityUnavailableException left() {
        return new AuthorityUnavailableException(
                "authority: another took its place while it signed (expected: the same request again)", LEFT_AGAIN);
    }

    private Wire.Issued handOut(LeafSigning.Draft draft, LeafSigning.Signed signed, LastLook look)
            throws RefusedException, AuthorityUnavailableException {
        Instant now = clock.instant();
        Instant renewAt = slots.plan(now, signed.notAfter());
        boolean handedOut = false;
        try {
            switch (store.change(handle -> entered(handle, draft, signed, look, renewAt, now))) {
                case Entered.Recorded() -> handedOut = true;
                case Entered.Left() -> throw left();
                case Entered.Alarmed(Alarm alarm) -> {
                    outcomes.alarm(alarm.what());
                    revocations.publish();
                    throw new RefusedException(Reason.OTHER_KEY, alarm.refusal());
                }
            }
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
