package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
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
        UserFact carriedUser,
        Map<String, OpaAnswer> opa,
        Mesh.Service service) {

    /** Canonical first, as in a sidecar: what is refused there never comes to a decision. */
    RequestFacts facts() throws RequestRejectedException {
        if (tcp > 0) {
            return new GivenConnection(caller, tcp);
        }
        int blank = request.indexOf(' ');
        CanonicalRequest canonical = CanonicalRequest.written(
                request.substring(0, blank), request.substring(blank + 1), host, headers.keySet(), service);
        return new GivenFacts(
                caller,
                canonical.method(),
                canonical.authority(),
                canonical.path(),
                canonical.query(),
                headers,
                user,
                carriedUser,
                opa);
    }
}
