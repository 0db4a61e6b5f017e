package dev.sallyport.proxy.trace;

import dev.sallyport.identity.SpiffeId;
import java.util.Optional;
import java.util.function.Supplier;

/** Whose spans they are. {@code instance}: this sidecar's own word among those of its service; {@code identity}: asked for each batch, absent before there is one. */
public record Origin(String service, String instance, String version, Supplier<Optional<SpiffeId>> identity) {
    private static final String NAMESPACE = "/ns/";

    /** {@code shop} of {@code /ns/shop/sa/orders}, or the trust domain. */
    static String namespace(SpiffeId id) {
        String path = id.path();
        int end = path.indexOf('/', NAMESPACE.length());
        return path.startsWith(NAMESPACE) && end > 0
                ? path.substring(NAMESPACE.length(), end)
                : id.trustDomain().toString();
    }
}
