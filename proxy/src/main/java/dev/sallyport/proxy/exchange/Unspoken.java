package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.HeaderHygiene;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Optional;

/** What the codec lets through and this version does not speak: tunnels, upgrades, heads that the codec itself gave up on. An offer of HTTP/2 in the clear is merely not taken up. */
final class Unspoken {
    private Unspoken() {}

    static Optional<Rejection> in(HttpRequest head) {
        if (head.decoderResult().isFailure()) {
            return refused("head: " + head.decoderResult().cause().getMessage());
        }
        if (head.method().equals(HttpMethod.CONNECT) || head.method().equals(HttpMethod.TRACE)) {
            return refused("method: " + head.method() + " (expected: neither CONNECT nor TRACE)");
        }
        if (head.headers().contains(HttpHeaderNames.UPGRADE) && !HeaderHygiene.offersOnlyH2c(head.headers())) {
            return refused("Upgrade: not supported");
        }
        return Optional.empty();
    }

    private static Optional<Rejection> refused(String detail) {
        return Optional.of(new Rejection.Malformed(Reason.FRAMING_REJECTED, detail));
    }
}
