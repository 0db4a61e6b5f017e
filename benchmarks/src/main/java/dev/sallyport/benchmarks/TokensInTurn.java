package dev.sallyport.benchmarks;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.benchmarks.pair.BenchIssuer;
import dev.sallyport.benchmarks.pair.TokenMesh;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.token.Budget;
import dev.sallyport.proxy.token.IssuerKeys;
import dev.sallyport.proxy.token.SeenTokens;
import dev.sallyport.proxy.token.TokenIssuers;
import dev.sallyport.proxy.token.TokenResult;
import dev.sallyport.proxy.token.TokenVerifier;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Users' tokens in heads of requests, one after the other and again from the first, and a sidecar's verifier for them. One thread at a time. */
public final class TokensInTurn {
    /** Twice what a verifier remembers: each is forgotten when it comes again. */
    public static final int MORE_THAN_REMEMBERED = 8192;

    private static final Budget UNBOUNDED = () -> true;

    private final TokenVerifier verifier = new TokenVerifier(_ -> {}, new SeenTokens());
    private final Instant now = Instant.now();
    private final BenchIssuer issuer;
    private final TokenIssuers issuers;
    private final String[] texts;
    private final RequestHead[] heads;
    private int at = -1;

    /** Signs so many tokens of the Mesh's issuer {@code name}: 1 for a token that is known once it was verified, {@link #MORE_THAN_REMEMBERED} for tokens that never are. */
    public TokensInTurn(String name, int count) {
        this(name, count, BenchIssuer.create());
    }

    private TokensInTurn(String name, int count, BenchIssuer issuer) {
        this(name, count, issuer, issuer);
    }

    /** {@code signer}: who signs in the name of {@code issuer}. */
    TokensInTurn(String name, int count, BenchIssuer issuer, BenchIssuer signer) {
        this.issuer = issuer;
        IssuerKeys keys = keys(name);
        issuers = new TokenIssuers(Map.of(keys.issuer().issuer(), keys));
        texts = new String[count];
        heads = new RequestHead[count];
        for (int i = 0; i < count; i++) {
            texts[i] = TokenMesh.token(signer, keys.issuer().issuer(), "alice-" + (10_000 + i));
            heads[i] = head("authorization: Bearer " + texts[i] + "\r\n");
        }
    }

    private IssuerKeys keys(String name) {
        try {
            return IssuerKeys.of(TokenMesh.mesh().issuers().get(name), issuer.jwks());
        } catch (InvalidMessageException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** As a sidecar has them out of its snapshot. */
    TokenIssuers issuers() {
        return issuers;
    }

    /** A request of the bench with these header lines, as a sidecar reads it. */
    static RequestHead head(String lines) {
        RequestHead head = new RequestHead(Limits.standard());
        byte[] bytes = TokenMesh.request(1024, "user", lines).getBytes(StandardCharsets.US_ASCII);
        try {
            if (head.read(Unpooled.wrappedBuffer(bytes))) {
                return head;
            }
        } catch (RequestRejectedException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        throw new IllegalStateException("no whole head: " + lines);
    }

    /** What the verifier says of the next one, within any budget; nothing but a user will do. */
    public TokenResult verify() {
        TokenResult result = verifier.verify(heads[next()], issuers, UNBOUNDED, now);
        if (!(result.fact() instanceof UserFact.Verified)) {
            throw new IllegalStateException("token: " + result.fact() + " (expected: verified)");
        }
        return result;
    }

    /** The next one itself: a JWS in compact form. */
    String text() {
        return texts[next()];
    }

    private int next() {
        at = at + 1 == texts.length ? 0 : at + 1;
        return at;
    }

    /** Theirs. */
    ECKey publicKey() {
        return issuer.publicKey();
    }
}
