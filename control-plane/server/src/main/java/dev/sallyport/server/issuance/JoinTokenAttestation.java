package dev.sallyport.server.issuance;

import dev.sallyport.server.issuance.RefusedException.Reason;
import dev.sallyport.server.store.Store;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** By a token that an administrator made for one identity: good until its end, for the first key that uses it, and for that key ten minutes more, because answers get lost. */
final class JoinTokenAttestation implements Attestation {
    private static final String NEW_ONE = " (expected: a new one, from: sallyport token create)";

    private final Store store;

    JoinTokenAttestation(Store store) {
        this.store = store;
    }

    @Override
    public Method method() {
        return Method.JOIN_TOKEN;
    }

    @Override
    public boolean repeatable() {
        return false; // It would take an administrator each time.
    }

    @Override
    public Claim verify(String proof, Instant now) throws RefusedException {
        String hash = Hashes.sha256(proof);
        JoinTokens.Token token = store.read(handle -> usable(handle, hash, now));
        return new Claim(token.identity(), hash, "", token.created(), token.expires());
    }

    @Override
    public Optional<String> use(Handle handle, Claim claim, String keyHash, Instant now) throws RefusedException {
        JoinTokens.Token token = usable(handle, claim.proofHash(), now); // Once more: it may have been used since.
        if (token.keyHash().isEmpty()) {
            JoinTokens.bind(handle, token.hash(), keyHash, now);
            return Optional.empty();
        }
        if (!token.keyHash().get().equals(keyHash)) {
            JoinTokens.revoke(handle, token.hash());
            return token.keyHash();
        }
        refuseRepeat(handle, token, token.usedAt().orElse(now), keyHash, now);
        return Optional.empty();
    }

    private static JoinTokens.Token usable(Handle handle, String hash, Instant now) throws RefusedException {
        JoinTokens.Token token = JoinTokens.find(handle, hash)
                .orElseThrow(() -> new RefusedException(
                        Reason.UNPROVEN,
                        "join token: unknown (expected: a token of this control plane, from: sallyport token create)"));
        if (token.revoked()) {
            throw new RefusedException(Reason.REVOKED, "join token: revoked" + NEW_ONE);
        }
        if (token.usedAt().isEmpty() && !now.isBefore(token.expires())) {
            throw new RefusedException(Reason.ENDED, "join token: expired at " + token.expires() + NEW_ONE);
        }
        return token;
    }

    /** Only once the key is known to be the first one: another key is an alarm at any time, not a late retry. */
    private static void refuseRepeat(Handle handle, JoinTokens.Token token, Instant usedAt, String keyHash, Instant now)
            throws RefusedException {
        if (now.isAfter(usedAt.plus(JoinTokens.REPEATABLE))) {
            throw new RefusedException(Reason.USED, "join token: used at " + usedAt + NEW_ONE);
        }
        if (Certificates.enrolled(handle, token.identity(), keyHash, Method.JOIN_TOKEN, usedAt)
                >= Issuance.ANSWERS_MAX) {
            throw new RefusedException(
                    Reason.USED, "join token: answered " + Issuance.ANSWERS_MAX + " times for this key" + NEW_ONE);
        }
    }
}
