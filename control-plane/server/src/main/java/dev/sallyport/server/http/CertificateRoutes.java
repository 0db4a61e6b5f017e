package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.issuance.CertificateEvent;
import dev.sallyport.server.issuance.CertificateEvents;
import dev.sallyport.server.issuance.Certificates;
import dev.sallyport.server.issuance.EventChain;
import dev.sallyport.server.issuance.IssuanceParts;
import dev.sallyport.server.issuance.Method;
import dev.sallyport.server.issuance.RevocationStore;
import dev.sallyport.server.mesh.LiveMesh;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What people ask about certificates on 15015: the inventory, and what happened. Taking back is in {@link RevocationRoutes}. */
public final class CertificateRoutes implements Routes {
    /** More lines than this are no list for people. */
    private static final int LINES_MAX = 10_000;

    private static final int LINEAGE_MAX = 1_000;
    private static final Duration TIMELINE = Duration.ofDays(7);

    private final Certificates certificates;
    private final CertificateEvents events;
    private final RevocationStore revocations;
    private final LiveMesh mesh;
    private final Clock clock;

    public CertificateRoutes(IssuanceParts parts, LiveMesh mesh, Clock clock) {
        this.certificates = parts.certificates();
        this.events = parts.events();
        this.revocations = parts.revocations();
        this.mesh = mesh;
        this.clock = clock;
    }

    @Override
    public void serve(ServerBuilder server) {
        Api.route(server, HttpMethod.GET, "/v1/certificates", (context, _) -> list(context));
        Api.route(server, HttpMethod.GET, "/v1/certificates/{serial}", (context, _) -> show(context));
        Api.route(server, HttpMethod.GET, "/v1/certificate-events", (context, _) -> timeline(context));
    }

    /** {@code generation}: of the authority that signed it; {@code state}: current (the newest of its identity and instance), replaced, revoked, ended. */
    private record Line(
            String serial,
            String identity,
            Instant notBefore,
            Instant notAfter,
            Instant renewAt,
            Instant issuedAt,
            String method,
            String instance,
            int generation,
            boolean current,
            String state,
            Optional<String> parent,
            Optional<Instant> replacedAt,
            Optional<Instant> revokedAt) {}

    /** {@code cut}: there is more, older than this. */
    private record Listed(List<Line> certificates, boolean cut) {}

    /** {@code ?service=}, {@code ?identity=}; {@code ?all=true}: also what was revoked or has ended. */
    private HttpResponse list(ServiceRequestContext context) throws ProblemException {
        boolean all = "true".equals(context.queryParam("all"));
        Instant now = clock.instant();
        List<Certificates.Entry> entries = certificates.list(
                new Certificates.Filter(identity(context), all ? Instant.EPOCH : now, all), LINES_MAX);
        return Json.ok(new Listed(lines(entries), entries.size() >= LINES_MAX));
    }

    /** Newest first, as they come. */
    private List<Line> lines(List<Certificates.Entry> entries) {
        Instant now = clock.instant();
        Set<String> seen = new HashSet<>();
        return entries.stream()
                .map(entry -> {
                    boolean newest = !entry.canary() && seen.add(entry.identity() + " " + entry.instance());
                    boolean current = newest && !entry.revoked() && now.isBefore(entry.notAfter());
                    return new Line(
                            entry.serial(),
                            entry.identity(),
                            entry.notBefore(),
                            entry.notAfter(),
                            entry.renewAt(),
                            entry.issuedAt(),
                            entry.method(),
                            entry.instance(),
                            entry.generation(),
                            current,
                            current ? "current" : state(entry, now),
                            entry.parent(),
                            entry.replacedAt(),
                            entry.revokedAt());
                })
                .toList();
    }

    private static String state(Certificates.Entry entry, Instant now) {
        if (entry.revoked()) {
            return "revoked";
        }
        return now.isBefore(entry.notAfter()) ? "replaced" : "ended";
    }

    private record Shown(
            Line certificate,
            String issuer,
            String keySha256,
            String proves,
            String attestedBy,
            Instant attestedAt,
            String attestedProves,
            List<Line> lineage,
            Optional<RevocationStore.Entry> revocation,
            Optional<String> pem,
            List<CertificateEvent> events) {}

    private HttpResponse show(ServiceRequestContext context) throws ProblemException {
        String serial = Named.serial(certificates, String.valueOf(context.pathParam("serial")));
        Certificates.Entry entry = certificates
                .find(serial)
                .orElseThrow(() -> new ProblemException(HttpStatus.NOT_FOUND, "serial: " + serial + " is gone"));
        List<Line> lineage =
                lines(certificates.lineage(serial, LINEAGE_MAX).reversed()).reversed();
        return Json.ok(new Shown(
                lineage.stream()
                        .filter(line -> line.serial().equals(serial))
                        .findFirst()
                        .orElseGet(() -> lines(List.of(entry)).getFirst()),
                entry.issuer(),
                entry.keyHash(),
                proves(entry.method()),
                entry.origin(),
                entry.attestedAt(),
                proves(entry.origin()),
                lineage,
                revocations.find(serial),
                certificates.leaf(serial).flatMap(CertificateRoutes::pem),
                events.of(serial, LINES_MAX)));
    }

    private static String proves(String method) {
        return Method.of(method).map(Method::proves).orElse("");
    }

    private static Optional<String> pem(byte[] der) {
        try {
            return Optional.of(Pem.encode(List.of(X509Svid.certificate(der))));
        } catch (SvidRejectedException e) {
            return Optional.empty(); // What is stored is damaged; all else of it can still be shown.
        }
    }

    /** {@code cut}: there is more, older than this. */
    private record Timeline(
            Instant since,
            Instant now,
            EventChain.Checked chain,
            List<Line> certificates,
            List<CertificateEvent> events,
            boolean cut) {}

    /** {@code ?service=}, {@code ?identity=} or {@code ?serial=} (with its lineage); {@code ?since=} an instant, a week ago by default. */
    private HttpResponse timeline(ServiceRequestContext context) throws ProblemException {
        Instant now = clock.instant();
        Instant since = since(context, now);
        String named = String.valueOf(context.queryParams().get("serial", ""));
        String serial = named.isEmpty() ? "" : Named.serial(certificates, named);
        String identity = identity(context);
        List<Certificates.Entry> entries = serial.isEmpty()
                ? certificates.list(new Certificates.Filter(identity, since, true), LINES_MAX)
                : certificates.lineage(serial, LINEAGE_MAX).reversed();
        Set<String> serials =
                new HashSet<>(entries.stream().map(Certificates.Entry::serial).toList());
        List<CertificateEvent> happened =
                serial.isEmpty() ? events.since(since, identity, LINES_MAX) : events.ofAny(serials, since, LINES_MAX);
        boolean cut = happened.size() >= LINES_MAX || entries.size() >= (serial.isEmpty() ? LINES_MAX : LINEAGE_MAX);
        return Json.ok(new Timeline(since, now, events.check(), lines(entries).reversed(), happened, cut));
    }

    private static Instant since(ServiceRequestContext context, Instant now) throws ProblemException {
        String text = String.valueOf(context.queryParams().get("since", ""));
        try {
            return text.isEmpty() ? now.minus(TIMELINE) : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new ProblemException(
                    HttpStatus.BAD_REQUEST,
                    "since: " + text + " (expected: an instant in UTC, as 2027-03-31T12:00:00Z)");
        }
    }

    /** The identity that the query names, itself or by its service; {@code ""} when it names none. */
    private String identity(ServiceRequestContext context) throws ProblemException {
        String identity = String.valueOf(context.queryParams().get("identity", ""));
        String service = String.valueOf(context.queryParams().get("service", ""));
        return service.isEmpty() ? identity : Named.service(mesh, service).toString();
    }
}
