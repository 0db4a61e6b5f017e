package dev.sallyport.proxy.token;

import dev.sallyport.policy.Reason;
import dev.sallyport.policy.UserFact;
import java.util.Optional;

/**
 * What a credential of a request came to, the key id that it named, and, of a good one, what speaks for its user at the next hop. {@code tokenId}: the {@code jti} of a good one. With a {@code check} it came to nothing yet: {@link TokenVerifier#settle} says what it does.
 */
public record TokenResult(
        UserFact fact,
        Optional<String> keyId,
        Optional<Voucher> voucher,
        Optional<SignatureCheck> check,
        Optional<String> tokenId) {
    public static final TokenResult ABSENT = new TokenResult(new UserFact.Absent(), Optional.empty(), Optional.empty());
    public static final TokenResult UNJUDGED =
            new TokenResult(new UserFact.Unjudged(), Optional.empty(), Optional.empty());

    TokenResult(UserFact fact, Optional<String> keyId, Optional<Voucher> voucher) {
        this(fact, keyId, voucher, Optional.empty(), Optional.empty());
    }

    static TokenResult unsettled(SignatureCheck check) {
        return new TokenResult(
                new UserFact.Unjudged(),
                check.jws().shownKeyId(),
                Optional.empty(),
                Optional.of(check),
                Optional.empty());
    }

    static TokenResult bad(Reason reason, Optional<String> keyId) {
        return new TokenResult(new UserFact.Bad(reason), keyId, Optional.empty());
    }

    static TokenResult bad(Reason reason) {
        return bad(reason, Optional.empty());
    }
}
