package dev.sallyport.proxy.inbound;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.User;
import dev.sallyport.proxy.http.HeaderHygiene;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.stream.Collectors;

/** What the application may believe: everything that claims an identity is taken away, then what was proven is set. */
final class IdentityHeaders {
    private IdentityHeaders() {}

    /** Hop-by-hop is gone already, so that {@code Connection} can name nothing of what is set here. */
    static void rewrite(HttpHeaders headers, SpiffeId self, Admitted admitted) {
        HeaderHygiene.removeIdentity(headers);
        // A token that no rule verified would look verified to the application.
        if (!admitted.allow().forwardToken()
                || admitted.user().isEmpty()
                || headers.getAll(HttpHeaderNames.AUTHORIZATION).size() != 1) {
            headers.remove(HttpHeaderNames.AUTHORIZATION);
        }
        headers.set(
                "x-forwarded-client-cert",
                "By=" + self + ";Hash=" + admitted.peer().fingerprint() + ";Subject=\"\";URI="
                        + admitted.peer().id());
        admitted.user().ifPresent(user -> user(headers, user));
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
