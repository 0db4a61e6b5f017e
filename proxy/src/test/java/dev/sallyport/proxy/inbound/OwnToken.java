package dev.sallyport.proxy.inbound;

import dev.sallyport.proxy.token.TokenResult;
import java.util.function.Supplier;

/** A request without a hop token. */
record OwnToken(Supplier<TokenResult> token) implements Credentials {
    @Override
    public TokenResult own() {
        return token.get();
    }

    @Override
    public TokenResult carried() {
        return TokenResult.ABSENT;
    }
}
