package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.issuance.Certificates;
import dev.sallyport.server.issuance.IssuanceParts;
import dev.sallyport.server.issuance.RevocationRefusedException;
import dev.sallyport.server.issuance.RevocationStore;
import dev.sallyport.server.mesh.LiveMesh;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Taking certificates and identities back, and giving identities back, on 15015. */
public final class RevocationRoutes implements Routes {
    /** More lines than this are no list for people. */
    private static final int LINES_MAX = 10_000;

    private final Certificates certificates;
    private final RevocationStore revocations;
    private final LiveMesh mesh;

    public RevocationRoutes(IssuanceParts parts, LiveMesh mesh) {
        this.certificates = parts.certificates();
        this.revocations = parts.revocations();
        this.mesh = mesh;
    }

    @Override
    public void serve(ServerBuilder server) {
        Api.route(
                server,
                HttpMethod.GET,
                "/v1/revocations",
                (_, _) -> Json.ok(Map.of("revocations", revocations.list(LINES_MAX))));
        Api.route(server, HttpMethod.POST, "/v1/revocations", this::revoke);
        Api.route(server, HttpMethod.POST, "/v1/revocations/reinstate", this::reinstate);
    }

    /** One of the three names what is meant; {@code ""} stands for none. */
    private record Wanted(String serial, String service, String identity) {
        static Wanted read(Fields body) {
            Wanted wanted = new Wanted(
                    body.optionalText("serial").orElse(""),
                    body.optionalText("service").orElse(""),
                    body.optionalText("identity").orElse(""));
            long named = Stream.of(wanted.serial, wanted.service, wanted.identity)
                    .filter(text -> !text.isEmpty())
                    .count();
            if (named != 1) {
                body.problem("identity", Code.VALUE, "expected: one of serial, service, identity");
            }
            return wanted;
        }
    }

    private record Revocation(Wanted what, String reason) {}

    private record Revoked(String identity, Set<String> serials) {}

    private HttpResponse revoke(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        Revocation wanted = Json.read(request, body -> new Revocation(Wanted.read(body), body.text("reason")));
        RevocationStore.Act act = new RevocationStore.Act(Person.of(context).name(), wanted.reason());
        String serial = wanted.what().serial();
        try {
            RevocationStore.Taken taken = serial.isEmpty()
                    ? revocations.revokeIdentity(known(wanted.what()), act)
                    : revocations.revokeSerial(Named.serial(certificates, serial), act);
            return Json.ok(new Revoked(taken.identity().toString(), taken.serials()));
        } catch (RevocationRefusedException e) {
            throw problem(e);
        }
    }

    /** A slip of the pen would bar nobody, and somebody would believe that it did. */
    private SpiffeId known(Wanted wanted) throws ProblemException {
        SpiffeId identity = identity(wanted);
        boolean inInventory = certificates.any(identity.toString());
        boolean declared = mesh.state().serviceOf(identity).isPresent();
        if (!identity.reserved() && !inInventory && !declared) {
            throw new ProblemException(
                    HttpStatus.NOT_FOUND,
                    "identity: " + identity + " (expected: one that the Mesh declares, or that has certificates)");
        }
        return identity;
    }

    private SpiffeId identity(Wanted wanted) throws ProblemException {
        return wanted.service().isEmpty() ? Named.identity(wanted.identity()) : Named.service(mesh, wanted.service());
    }

    private HttpResponse reinstate(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException {
        Wanted wanted = Json.read(request, Wanted::read);
        if (!wanted.serial().isEmpty()) {
            throw new ProblemException(
                    HttpStatus.BAD_REQUEST,
                    "serial: a certificate stays revoked (expected: identity or service; a sidecar gets a new certificate)");
        }
        SpiffeId identity = identity(wanted);
        try {
            revocations.reinstate(identity, Person.of(context).name());
            return Json.ok(Map.of("identity", identity.toString()));
        } catch (RevocationRefusedException e) {
            throw problem(e);
        }
    }

    private static ProblemException problem(RevocationRefusedException e) {
        HttpStatus status = switch (e.kind()) {
            case UNKNOWN -> HttpStatus.NOT_FOUND;
            case CONFLICT -> HttpStatus.CONFLICT;
            case FORBIDDEN -> HttpStatus.FORBIDDEN;
        };
        return new ProblemException(status, String.valueOf(e.getMessage()));
    }
}
