package dev.sallyport.proxy.inbound;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.http.HeaderHygiene;
import dev.sallyport.proxy.tls.Peer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.stream.Collectors;

/** What the application may believe: everything that claims an identity is taken away, then what was proven is set. */
final class IdentityHeaders {
    private IdentityHeaders() {}

    /** Hop-by-hop first, so that {@code Connection} cannot name what is set here. */
    static void rewrite(HttpHeaders headers, SpiffeId self, Peer peer, Decision.Allow allow) {
        HeaderHygiene.removeHopByHop(headers);
        HeaderHygiene.removeIdentity(headers);
        // A token that no rule verified would look verified to the application.
        if (!allow.forwardToken()
                || allow.user().isEmpty()
                || headers.getAll(HttpHeaderNames.AUTHORIZATION).size() != 1) {
            headers.remove(HttpHeaderNames.AUTHORIZATION);
        }
        headers.set(
                "x-forwarded-client-cert",
                "By=" + self + ";Hash=" + peer.fingerprint() + ";Subject=\"\";URI=" + peer.id());
        allow.user().ifPresent(user -> user(headers, user));
    }

    private static void user(HttpHeaders headers, User user) {
        headers.set("x-sallyport-user", HeaderHygiene.encoded(user.subject()));
        headers.set("x-sallyport-issuer", HeaderHygiene.encoded(user.issuer()));
        if (!user.roles().isEmpty()) {
            headers.set(
                    "x-sallyport-roles",
                    user.roles().stream().map(HeaderHygiene::encoded).collect(Collectors.joining(",")));
        }
    }
}
