package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a vector says of a request: {@code request} and {@code host} as they arrived, a character a byte; or a
 * connection to the port {@code tcp}, else 0.
 */
record VectorFacts(
        Optional<SpiffeId> caller,
        String request,
        String host,
        int tcp,
        Map<String, List<String>> headers,
        UserFact user,
        Map<String, OpaAnswer> opa) {

    /** Canonical first, as in a sidecar: what is refused there never comes to a decision. */
    RequestFacts facts() throws RequestRejectedException {
        if (tcp > 0) {
            return new GivenConnection(caller, tcp);
        }
        for (String header : headers.keySet()) {
            if (CanonicalRequest.overrides(header)) {
                throw new RequestRejectedException(Reason.PATH_REJECTED, header);
            }
        }
        int blank = request.indexOf(' ');
        CanonicalRequest canonical = CanonicalRequest.of(
                bytes(request.substring(0, blank)), bytes(request.substring(blank + 1)), bytes(host));
        return new GivenFacts(
                caller,
                canonical.method(),
                canonical.authority(),
                canonical.path(),
                canonical.query(),
                headers,
                user,
                opa);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
