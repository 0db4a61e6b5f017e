package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import java.util.Optional;

/** What is well-formed and not spoken by this version: tunnels and upgrades. An offer of HTTP/2 in the clear is merely not taken up (RFC 9113 section 3.1); JDK clients make it always. */
final class Unspoken {
    private Unspoken() {}

    static Optional<Rejection> in(RequestHead head) {
        if (head.is("CONNECT") || head.is("TRACE")) {
            return refused("method: " + head.method() + " (expected: neither CONNECT nor TRACE)");
        }
        if (head.has(Field.UPGRADE) && !head.says(Field.UPGRADE, "h2c")) {
            return refused("Upgrade: not supported");
        }
        return Optional.empty();
    }

    private static Optional<Rejection> refused(String detail) {
        return Optional.of(new Rejection.Malformed(Reason.FRAMING_REJECTED, detail));
    }
}
