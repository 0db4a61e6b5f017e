package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Node;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.issuance.Certificates;
import dev.sallyport.server.issuance.JoinTokens;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.mesh.MeshIdentity;
import dev.sallyport.server.mesh.SigningKeys;
import dev.sallyport.server.stream.Distribution;
import dev.sallyport.server.stream.Sidecars;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What people ask on 15015 beside documents: status, sidecars, join tokens, rotation. Certificates are in {@link CertificateRoutes}. */
public final class Operations implements Routes {
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);
    private static final Duration TOKEN_LIFE_MAX = Duration.ofDays(7);
    /** More lines than this are no list for people. */
    private static final int CERTIFICATES_MAX = 10_000;

    /** Where a join file sends a sidecar; known once the listeners are bound. */
    public record Addresses(HostPort sidecars, HostPort enrolment) {}

    private final MeshIdentity identity;
    private final LiveMesh mesh;
    private final SigningKeys keys;
    private final JoinTokens tokens;
    private final Certificates certificates;
    private final Sidecars sidecars;
    private final Distribution distribution;
    private final StatusPage status;
    private final Supplier<Addresses> addresses;
    private final Clock clock;

    public Operations(
            MeshIdentity identity,
            LiveMesh mesh,
            SigningKeys keys,
            JoinTokens tokens,
            Certificates certificates,
            Sidecars sidecars,
            Distribution distribution,
            StatusPage status,
            Supplier<Addresses> addresses,
            Clock clock) {
        this.identity = identity;
        this.mesh = mesh;
        this.keys = keys;
        this.tokens = tokens;
        this.certificates = certificates;
        this.sidecars = sidecars;
        this.distribution = distribution;
        this.status = status;
        this.addresses = addresses;
        this.clock = clock;
    }

    @Override
    public void serve(ServerBuilder server) {
        Api.route(server, HttpMethod.GET, "/v1/status", (_, _) -> Json.ok(status.status()));
        Api.route(server, HttpMethod.GET, "/v1/sidecars", (_, _) -> sidecars());
        Api.route(server, HttpMethod.POST, "/v1/join-tokens", this::joinToken);
        Api.route(server, HttpMethod.POST, "/v1/certificates/rotate", this::rotate);
    }

    private record SidecarLine(
            String service,
            Optional<String> identity,
            String instance,
            boolean connected,
            String advertise,
            Optional<String> certificateSerial,
            Optional<Instant> certificateNotAfter,
            Optional<Instant> renewAt,
            Optional<Acked> acked,
            Optional<Instant> lastSeen) {}

    private record Acked(long epoch, long revision, String digest, Instant at, Optional<String> refused) {}

    private HttpResponse sidecars() {
        Map<String, Certificates.Entry> bySerial = certificates.valid(clock.instant(), CERTIFICATES_MAX).stream()
                .collect(Collectors.toMap(Certificates.Entry::serial, Function.identity()));
        List<SidecarLine> lines =
                sidecars.all().stream().map(sidecar -> line(sidecar, bySerial)).toList();
        return Json.ok(Map.of("sidecars", lines));
    }

    private SidecarLine line(Sidecars.Sidecar sidecar, Map<String, Certificates.Entry> bySerial) {
        String service = sidecar.holder().service();
        Optional<Certificates.Entry> certificate =
                sidecar.serial().flatMap(serial -> Optional.ofNullable(bySerial.get(serial)));
        Optional<String> declared =
                mesh.state().service(service).map(known -> known.identity().toString());
        return new SidecarLine(
                service,
                sidecar.identity().map(Object::toString).or(() -> declared),
                sidecar.holder().instance(),
                sidecar.connected(),
                sidecar.advertise().toString(),
                sidecar.serial(),
                certificate.map(Certificates.Entry::notAfter),
                certificate.map(Certificates.Entry::renewAt),
                sidecar.ack().map(ack -> new Acked(ack.epoch(), ack.revision(), ack.digest(), ack.at(), ack.refused())),
                sidecar.lastSeen());
    }

    /** {@code token} false: a file that names the mesh and no secret, for sidecars that prove themselves otherwise. */
    private record TokenRequest(String service, Duration life, boolean token) {
        static TokenRequest read(Fields body) {
            return new TokenRequest(
                    body.text("service"),
                    body.duration("life", TOKEN_LIFE, Duration.ofSeconds(1), TOKEN_LIFE_MAX),
                    body.bool("token", true));
        }
    }

    private HttpResponse joinToken(ServiceRequestContext context, AggregatedHttpRequest request)
            throws ProblemException {
        TokenRequest wanted = Json.read(request, TokenRequest::read);
        Mesh.Service service = mesh.state()
                .service(wanted.service())
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND,
                        "service: " + wanted.service() + " (expected: a service that the Mesh declares)"));
        if (service.identity().reserved()) {
            throw new ProblemException(
                    HttpStatus.FORBIDDEN, service.identity() + ": reserved, never issued by a token");
        }
        if (mesh.state().revocations().identities().contains(service.identity())) {
            throw new ProblemException(
                    HttpStatus.CONFLICT,
                    service.identity() + " is revoked (expected: one that is not; sallyport certs reinstate ends it)");
        }
        Instant now = clock.instant();
        Instant expires = now.plus(wanted.life());
        String token = wanted.token()
                ? tokens.create(
                        service.name(), service.identity(), Person.of(context).name(), now, expires)
                : "";
        Addresses reach = addresses.get();
        JoinFile file = new JoinFile(
                identity.name(),
                service.name(),
                service.identity(),
                reach.sidecars(),
                reach.enrolment(),
                mesh.state().bundle(),
                keys.rootKeys(),
                token,
                expires);
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(file.toBytes()));
    }

    private HttpResponse rotate(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        Optional<Set<String>> services = Json.read(request, body -> {
            boolean all = body.node("services")
                    .map(value -> value instanceof Node.Scalar scalar && scalar.isNull())
                    .orElse(true);
            return all ? Optional.empty() : Optional.of(Set.copyOf(new HashSet<>(body.texts("services"))));
        });
        for (String service : services.orElse(Set.of())) {
            if (mesh.state().service(service).isEmpty()) {
                throw new ProblemException(
                        HttpStatus.NOT_FOUND, "services: " + service + " (expected: a service that the Mesh declares)");
            }
        }
        return Json.ok(Map.of(
                "requested",
                distribution.rotate(
                        services, "asked for by " + Person.of(context).name())));
    }
}
