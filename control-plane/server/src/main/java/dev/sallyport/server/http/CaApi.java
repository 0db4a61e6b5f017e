package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.server.ca.RotationRefusedException;
import dev.sallyport.server.ca.RotationRequest;
import dev.sallyport.server.ca.Rotations;
import dev.sallyport.server.ca.Subject;
import dev.sallyport.server.http.Problem.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Authorities on 15015, for everybody there to see, and their rotation, for administrators; and what to trust: each answer says which bundle is in force, so that nobody is left with an old one. */
public final class CaApi implements Routes {
    /** With every answer: SHA-256 of the bundle in force, hex. */
    private static final String BUNDLE_HEADER = "sallyport-trust-bundle";

    private final Rotations rotations;
    private final Supplier<TrustBundle> bundle;

    public CaApi(Rotations rotations, Supplier<TrustBundle> bundle) {
        this.rotations = rotations;
        this.bundle = bundle;
    }

    @Override
    public void serve(ServerBuilder server) {
        Api.route(server, HttpMethod.GET, "/v1/ca", (_, _) -> Json.ok(rotations.view()));
        Api.route(server, HttpMethod.GET, "/v1/trust-bundle", (_, _) -> trustBundle());
        Api.route(server, HttpMethod.POST, "/v1/ca/rotate", this::rotate);
        Api.route(server, HttpMethod.POST, "/v1/ca/abort", this::abort);
        Api.route(server, HttpMethod.POST, "/v1/ca/continue", this::proceed);
        server.decorator((delegate, context, request) -> {
            context.addAdditionalResponseHeader(BUNDLE_HEADER, bundle.get().digest());
            return delegate.serve(context, request);
        });
    }

    private HttpResponse trustBundle() {
        TrustBundle now = bundle.get();
        return Json.ok(Map.of("trustDomain", now.trustDomain().name(), "trustBundle", now.toPem()));
    }

    private HttpResponse rotate(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        RotationRequest wanted = Json.read(request, CaApi::wanted);
        return answer(() -> Json.ok(rotations.begin(wanted, Person.of(context).name())));
    }

    private HttpResponse abort(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        Optional<Integer> seen = Json.read(request, CaApi::seen);
        return answer(() -> Json.ok(rotations.abort(seen, Person.of(context).name())));
    }

    /** The rotation that the asker has seen: with two administrators, one might abort what it never saw. */
    private static Optional<Integer> seen(Fields body) {
        return body.has("rotation") ? Optional.of(body.integer("rotation", 1, 1, Integer.MAX_VALUE)) : Optional.empty();
    }

    private record Proceeding(Optional<Integer> seen, List<String> exclude, boolean emergency) {}

    private HttpResponse proceed(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        Proceeding wanted = Json.read(
                request,
                body -> new Proceeding(seen(body), body.optionalTexts("exclude"), body.bool("emergency", false)));
        return answer(() -> Json.ok(rotations.proceed(
                wanted.seen(),
                wanted.exclude(),
                wanted.emergency(),
                Person.of(context).name())));
    }

    private static RotationRequest wanted(Fields body) {
        Optional<AuthorityKind> to = body.optionalText("to").flatMap(text -> {
            Optional<AuthorityKind> kind = AuthorityKind.of(text);
            if (kind.isEmpty()) {
                body.problem("to", Code.VALUE, text + " (expected: embedded, vault-intermediate or vault-leaf)");
            }
            return kind;
        });
        String subject = body.oneOf("subject", null, "root", "intermediate", "authority");
        if (subject.equals(Subject.AUTHORITY.code()) && !body.has("to")) {
            body.missing("to", "embedded, vault-intermediate or vault-leaf, with subject authority");
        }
        return new RotationRequest(
                Subject.of(subject).orElse(Subject.ROOT), // Anything else is a problem already.
                to,
                body.bool("emergency", false),
                body.optionalTexts("exclude"));
    }

    private interface Answer {
        HttpResponse get() throws RotationRefusedException, ProblemException;
    }

    private static HttpResponse answer(Answer answer) throws ProblemException {
        try {
            return answer.get();
        } catch (RotationRefusedException e) {
            throw new ProblemException(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
        }
    }
}
