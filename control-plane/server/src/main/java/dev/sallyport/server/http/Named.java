package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpStatus;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.issuance.Certificates;
import dev.sallyport.server.mesh.LiveMesh;
import java.util.List;
import java.util.regex.Pattern;

/** Identities and certificates as people name them. */
final class Named {
    private Named() {}

    /** Tables show the first digits; fewer than this tell nothing apart. */
    private static final int DIGITS_MIN = 8;

    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{" + DIGITS_MIN + ",40}");

    /** The serial of the inventory that this is, or that begins with it. */
    static String serial(Certificates certificates, String text) throws ProblemException {
        List<String> found = DIGITS.matcher(text).matches() ? certificates.startingWith(text) : List.of();
        if (found.contains(text) || found.size() == 1) {
            return found.getFirst();
        }
        throw found.isEmpty()
                ? new ProblemException(
                        HttpStatus.NOT_FOUND,
                        "serial: " + text + " (expected: one of the inventory, its first " + DIGITS_MIN
                                + " digits at least; see sallyport certs list --all)")
                : new ProblemException(
                        HttpStatus.CONFLICT, "serial: " + text + " (expected: more digits, several begin so)");
    }

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
