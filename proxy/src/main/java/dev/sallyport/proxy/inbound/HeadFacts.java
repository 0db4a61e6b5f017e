package dev.sallyport.proxy.inbound;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.policy.UserFact;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.token.TokenVerifier;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The facts of a request head. The token is verified when a rule first looks at the user, once. */
final class HeadFacts implements RequestFacts {
    private final SpiffeId caller;
    private final CanonicalRequest request;
    private final HttpHeaders headers;
    private final CompiledSnapshot snapshot;
    private final TokenVerifier tokens;
    private final Instant now;
    private Optional<TokenVerifier.Result> result = Optional.empty();

    HeadFacts(
            SpiffeId caller,
            CanonicalRequest request,
            HttpHeaders headers,
            CompiledSnapshot snapshot,
            TokenVerifier tokens,
            Instant now) {
        this.caller = caller;
        this.request = request;
        this.headers = headers;
        this.snapshot = snapshot;
        this.tokens = tokens;
        this.now = now;
    }

    @Override
    public Optional<SpiffeId> caller() {
        return Optional.of(caller);
    }

    @Override
    public String method() {
        return request.method();
    }

    @Override
    public String path() {
        return request.path();
    }

    @Override
    public String host() {
        return request.authority();
    }

    @Override
    public Optional<String> query() {
        return request.query();
    }

    @Override
    public List<String> header(String name) {
        return headers.getAll(name);
    }

    @Override
    public UserFact user() {
        TokenVerifier.Result verified = result.orElseGet(
                () -> tokens.verify(headers.getAll(HttpHeaderNames.AUTHORIZATION), snapshot.issuers(), now));
        result = Optional.of(verified);
        return verified.fact();
    }

    /** What the token came to, if any rule looked. */
    Optional<TokenVerifier.Result> looked() {
        return result;
    }
}
