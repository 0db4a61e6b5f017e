package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpStatus;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.mesh.LiveMesh;

/** Identities as people name them. */
final class Named {
    private Named() {}

    /** That of a declared service. */
    static SpiffeId service(LiveMesh mesh, String service) throws ProblemException {
        return mesh.state()
                .service(service)
                .map(Mesh.Service::identity)
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND, "service: " + service + " (expected: a service that the Mesh declares)"));
    }

    static SpiffeId identity(String text) throws ProblemException {
        try {
            return SpiffeId.parse(text);
        } catch (InvalidSpiffeIdException e) {
            throw new ProblemException(HttpStatus.BAD_REQUEST, "identity: " + e.getMessage());
        }
    }
}
