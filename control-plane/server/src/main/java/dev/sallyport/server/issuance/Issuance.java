package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.contract.Wire;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.RenewalSchedule;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.Generation;
import dev.sallyport.server.mesh.MeshState;
import dev.sallyport.server.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who gets a certificate. The names in a request count for nothing: the identity is the join token's, or, at renewal, the peer's own. The key that counts is the one whose
 * possession the authority verified. Any thread; blocks.
 */
public final class Issuance {
    private static final Logger log = LoggerFactory.getLogger(Issuance.class);
    /** More answers than this to one request are no lost answers: they would only fill the inventory. */
    private static final int ANSWERS_MAX = 10;
    /** The sidecar's own random id; it becomes part of logs, lists and file names. */
    private static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private static final Pattern CSR = Pattern.compile(
            "\\s*-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\\s]{1,8192})-----END CERTIFICATE REQUEST-----\\s*");

    private final Store store;
    private final Authorities authorities;
    private final Supplier<MeshState> mesh;
    private final Duration leafLife;
    private final Clock clock;
    private final MeterRegistry metrics;
    private final Consumer<Set<String>> onRevoked;
    private final SecureRandom random = new SecureRandom();

    /** {@code onRevoked} gets the serials of each lineage that is revoked, once that is durable. */
    public Issuance(
            Store store,
            Authorities authorities,
            Supplier<MeshState> mesh,
            Duration leafLife,
            Clock clock,
            MeterRegistry metrics,
            Consumer<Set<String>> onRevoked) {
        this.store = store;
        this.authorities = authorities;
        this.mesh = mesh;
        this.leafLife = leafLife;
        this.clock = clock;
        this.metrics = metrics;
        this.onRevoked = onRevoked;
        counted("join-token", "issued");
        counted("renewal", "issued");
    }

    /** The first certificate, against a join token. */
    public Wire.Issued enrol(Wire.Enrolment request) throws RefusedException, AuthorityUnavailableException {
        return counting("join-token", () -> enrolOrRefuse(request));
    }

    /** The next certificate, against the current one. */
    public Wire.Issued renew(Peer peer, Wire.Renewal request) throws RefusedException, AuthorityUnavailableException {
        return counting("renewal", () -> renewOrRefuse(peer, request));
    }

    /** A revoked certificate is good for nothing here. One that is not in the inventory is not known to be revoked. */
    public void refuseRevoked(Peer peer) throws RefusedException {
        if (store.read(handle -> Certificates.find(handle, peer.serial()))
                .filter(Certificates.Entry::revoked)
                .isPresent()) {
            throw revoked(peer);
        }
    }

    private static RefusedException revoked(Peer peer) {
        return new RefusedException(
                "certificate " + peer.serial() + " is revoked (expected: join again with a new token)");
    }

    public static boolean wellFormedInstance(String instance) {
        return INSTANCE.matcher(instance).matches();
    }

    private Wire.Issued enrolOrRefuse(Wire.Enrolment request) throws RefusedException, AuthorityUnavailableException {
        Instant now = clock.instant();
        String hash = Hashes.sha256(request.token());
        // Before any signature: a stranger's guess costs a look-up, nothing more.
        JoinTokens.Token token = store.read(handle -> usable(handle, hash, now));
        refuseUndeclared(token.identity());
        Generation signer = authorities.joining(token.created());
        IssuedCertificate issued = sign(signer, request.csrPem(), request.instance(), token.identity());
        Instant renewAt = RenewalSchedule.draw(now, issued.leaf().getNotAfter().toInstant(), random);
        String keyHash = Hashes.sha256(issued.leaf().getPublicKey().getEncoded());
        Optional<Set<String>> revoked = store.change(handle -> {
            JoinTokens.Token fresh = usable(handle, hash, now);
            if (fresh.keyHash().isPresent() && !fresh.keyHash().get().equals(keyHash)) {
                JoinTokens.revoke(handle, hash);
                return Optional.of(Certificates.revokeLineage(
                        handle, fresh.identity(), fresh.keyHash().get()));
            }
            if (fresh.usedAt().isPresent()) {
                refuseRepeat(handle, fresh, fresh.usedAt().get(), keyHash, now);
            } else {
                JoinTokens.bind(handle, hash, keyHash, now);
            }
            Certificates.add(
                    handle,
                    issued,
                    signer.number(),
                    token.identity(),
                    now,
                    renewAt,
                    Certificates.Method.JOIN_TOKEN,
                    request.instance(),
                    Optional.empty());
            return Optional.empty();
        });
        if (revoked.isPresent()) {
            alarm(
                    "join token of {} was used with a second key by instance {}: the token and what was issued through it ({} certificates) are revoked; one of the two is not who it says",
                    token.identity(),
                    request.instance(),
                    revoked.get().size());
            onRevoked.accept(revoked.get());
            throw new RefusedException(
                    "join token: already used by another key; it is revoked now (expected: a new token for each sidecar)");
        }
        return answer(issued, token.identity(), renewAt, now);
    }

    private static JoinTokens.Token usable(Handle handle, String hash, Instant now) throws RefusedException {
        JoinTokens.Token token = JoinTokens.find(handle, hash)
                .orElseThrow(() -> new RefusedException(
                        "join token: unknown (expected: a token of this control plane, from: sallyport token create)"));
        if (token.revoked()) {
            throw new RefusedException("join token: revoked (expected: a new one, from: sallyport token create)");
        }
        if (token.usedAt().isEmpty() && !now.isBefore(token.expires())) {
            throw new RefusedException("join token: expired at " + token.expires() + ", it is " + now
                    + " here (expected: a new one, from: sallyport token create)");
        }
        return token;
    }

    /** Only once the key is known to be the first one: another key is an alarm at any time, not a late retry. */
    private static void refuseRepeat(Handle handle, JoinTokens.Token token, Instant usedAt, String keyHash, Instant now)
            throws RefusedException {
        if (now.isAfter(usedAt.plus(JoinTokens.REPEATABLE))) {
            throw new RefusedException(
                    "join token: used at " + usedAt + " (expected: a new one, from: sallyport token create)");
        }
        if (Certificates.enrolled(handle, token.identity(), keyHash, usedAt) >= ANSWERS_MAX) {
            throw new RefusedException("join token: answered " + ANSWERS_MAX
                    + " times for this key (expected: a new one, from: sallyport token create)");
        }
    }

    private Wire.Issued renewOrRefuse(Peer peer, Wire.Renewal request)
            throws RefusedException, AuthorityUnavailableException {
        Instant now = clock.instant();
        refuseUndeclared(peer.id());
        Certificates.Entry current = store.read(handle -> renewable(handle, peer));
        Generation signer = authorities.signing();
        IssuedCertificate issued = sign(signer, request.csrPem(), request.instance(), peer.id());
        Instant renewAt = RenewalSchedule.draw(now, issued.leaf().getNotAfter().toInstant(), random);
        String keyHash = Hashes.sha256(issued.leaf().getPublicKey().getEncoded());
        if (keyHash.equals(current.keyHash())) {
            throw new RefusedException(
                    "renewal: the key of the current certificate (expected: a new key for each certificate)");
        }
        Optional<Set<String>> revoked = store.change(handle -> {
            renewable(handle, peer); // Once more: it may have been revoked since.
            List<Certificates.Entry> successors = Certificates.successors(handle, peer.serial());
            boolean repeat =
                    successors.stream().allMatch(entry -> entry.keyHash().equals(keyHash));
            if (!repeat) {
                return Optional.of(Certificates.revokeLineage(handle, peer.id(), current.keyHash()));
            }
            if (successors.size() >= ANSWERS_MAX) {
                throw new RefusedException("renewal: of certificate " + peer.serial() + " answered " + ANSWERS_MAX
                        + " times for this key (expected: use an answer, or join again with a new token)");
            }
            Certificates.add(
                    handle,
                    issued,
                    signer.number(),
                    peer.id(),
                    now,
                    renewAt,
                    Certificates.Method.RENEWAL,
                    request.instance(),
                    Optional.of(peer.serial()));
            return Optional.empty();
        });
        if (revoked.isPresent()) {
            alarm(
                    "certificate {} of {} was renewed before with another key: its lineage ({} certificates) is suspended; one of the two holders is not who it says",
                    peer.serial(),
                    peer.id(),
                    revoked.get().size());
            onRevoked.accept(revoked.get());
            throw new RefusedException(
                    "renewal: certificate " + peer.serial()
                            + " was renewed before with another key; its lineage is suspended now (expected: one renewal each; join again with a new token)");
        }
        return answer(issued, peer.id(), renewAt, now);
    }

    private static Certificates.Entry renewable(Handle handle, Peer peer) throws RefusedException {
        Certificates.Entry entry = Certificates.find(handle, peer.serial())
                .orElseThrow(() -> new RefusedException("renewal: certificate " + peer.serial()
                        + " is not in the inventory (expected: join again with a new token)"));
        if (entry.revoked()) {
            throw revoked(peer);
        }
        // Else a leaf that was made for ten minutes could be stretched for ever.
        if (entry.canary()) {
            throw new RefusedException(
                    "renewal: certificate " + peer.serial() + " is a canary (expected: the certificate in use)");
        }
        return entry;
    }

    private void refuseUndeclared(SpiffeId identity) throws RefusedException {
        if (identity.reserved() || mesh.get().serviceOf(identity).isEmpty()) {
            throw new RefusedException(identity + " (expected: the identity of a service that the Mesh declares)");
        }
    }

    private IssuedCertificate sign(Generation signer, String csrPem, String instance, SpiffeId identity)
            throws RefusedException, AuthorityUnavailableException {
        return sign(signer, csrPem, instance, identity, leafLife);
    }

    static IssuedCertificate sign(Generation signer, String csrPem, String instance, SpiffeId identity, Duration life)
            throws RefusedException, AuthorityUnavailableException {
        if (!wellFormedInstance(instance)) {
            throw new RefusedException("instance (expected: 1 to 64 of A-Z a-z 0-9 . _ -)");
        }
        var csr = CSR.matcher(csrPem);
        if (!csr.matches()) {
            throw new RefusedException("csrPem (expected: one PEM block CERTIFICATE REQUEST)");
        }
        try {
            return signer.authority().issue(Base64.getMimeDecoder().decode(csr.group(1)), identity, life);
        } catch (IssuanceRefusedException | IllegalArgumentException e) {
            throw new RefusedException("csrPem: " + e.getMessage());
        }
    }

    private static Wire.Issued answer(IssuedCertificate issued, SpiffeId identity, Instant renewAt, Instant now) {
        log.info(
                "certificate {} issued to {} until {}",
                X509Svid.serialOf(issued.leaf()),
                identity,
                issued.leaf().getNotAfter().toInstant());
        return new Wire.Issued(Pem.encode(issued.chain()), renewAt, now);
    }

    private void alarm(String message, Object... arguments) {
        log.error(message, arguments);
        metrics.counter("sallyport_issuance_alarms").increment();
    }

    private interface Attempt {
        Wire.Issued run() throws RefusedException, AuthorityUnavailableException;
    }

    private Wire.Issued counting(String method, Attempt attempt)
            throws RefusedException, AuthorityUnavailableException {
        try {
            Wire.Issued issued = attempt.run();
            counted(method, "issued").increment();
            return issued;
        } catch (RefusedException e) {
            counted(method, "refused").increment();
            log.warn("certificate refused ({}): {}", method, e.getMessage());
            throw e;
        } catch (AuthorityUnavailableException e) {
            counted(method, "unavailable").increment();
            log.error("certificate not issued ({}): {}", method, e.getMessage());
            throw e;
        }
    }

    private io.micrometer.core.instrument.Counter counted(String method, String outcome) {
        return metrics.counter("sallyport_certificates", "method", method, "outcome", outcome);
    }
}
