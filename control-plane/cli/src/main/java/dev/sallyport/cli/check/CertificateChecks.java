package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.AdminContext;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.RefusedException;
import dev.sallyport.cli.Times;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every certificate that ends: of workloads, of the administrator, of roots and intermediates. One run. */
final class CertificateChecks {
    private static final String CERTIFICATES = "certificates";

    /** A root lives ten years and an administrator's certificate one: a month is time to act. */
    private static final Duration ENDS_SOON = Duration.ofDays(30);
    /** An intermediate may live for days only: it is late when a quarter of its life is left. */
    private static final int QUARTERS = 4;

    private final AdminContext context;
    private final Instant now;
    private final List<Check> checks = new ArrayList<>();

    CertificateChecks(AdminContext context, Instant now) {
        this.context = context;
        this.now = now;
    }

    /** {@code sidecars}: as the control plane lists them. */
    List<Check> all(ControlPlaneApi api, JsonNode sidecars) throws CliException {
        workloads(sidecars);
        authority(
                CheckCode.ADMINISTRATOR,
                "administrator's certificate",
                end(context.certificate().getFirst()),
                "restart the control plane: it renews the context");
        for (X509Certificate root : context.trustBundle().authorities()) {
            authority(
                    CheckCode.ROOT,
                    "root certificate of " + context.trustDomain(),
                    end(root),
                    "sallyport ca rotate --root");
        }
        try {
            generations(api.authorities());
        } catch (RefusedException e) {
            if (e.status() != 404) { // a control plane that is older has no such page
                checks.add(Check.failed(
                        CheckCode.AUTHORITY, CERTIFICATES, String.valueOf(e.getMessage()), "sallyport ca status"));
            }
        }
        return List.copyOf(checks);
    }

    private static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }

    private void generations(JsonNode authorities) {
        for (JsonNode generation : authorities.path("generations")) {
            String problem = generation.path("problem").asText("");
            if (!problem.isEmpty()) {
                checks.add(Check.failed(
                        CheckCode.AUTHORITY,
                        CERTIFICATES,
                        "authority of generation " + generation.path("number").asText() + ": " + problem,
                        "sallyport ca status"));
            }
            if (generation.path("number").asInt() == authorities.path("active").asInt()) {
                intermediate(generation.path("issuer"));
            }
        }
        String stuck = authorities.at("/rotation/problem").asText("");
        if (!stuck.isEmpty()) {
            checks.add(Check.warning(
                    CheckCode.AUTHORITY, CERTIFICATES, "the rotation does not go on: " + stuck, "sallyport ca status"));
        }
    }

    private void intermediate(JsonNode issuer) {
        Optional<Instant> end = Times.parse(issuer.path("notAfter").asText(""));
        if (end.isEmpty()) {
            return; // a root that signs itself
        }
        Optional<Instant> begin = Times.parse(issuer.path("notBefore").asText(""));
        Duration life =
                begin.map(moment -> Duration.between(moment, end.get())).orElse(ENDS_SOON.multipliedBy(QUARTERS));
        Duration soon = life.dividedBy(QUARTERS).compareTo(ENDS_SOON) < 0 ? life.dividedBy(QUARTERS) : ENDS_SOON;
        ending(
                CheckCode.INTERMEDIATE,
                "intermediate certificate",
                end.get(),
                soon,
                "sallyport ca rotate --intermediate");
    }

    private void workloads(JsonNode sidecars) {
        for (JsonNode sidecar : sidecars) {
            Optional<Instant> end =
                    Times.parse(sidecar.path("certificateNotAfter").asText(""));
            end.ifPresent(moment -> certificate(
                    sidecar.path("service").asText(),
                    moment,
                    Times.parse(sidecar.path("renewAt").asText(""))));
        }
    }

    /** Late means: half of the time from the planned renewal to the end has passed. */
    private void certificate(String service, Instant end, Optional<Instant> renewAt) {
        boolean late = renewAt.isPresent()
                && now.isAfter(
                        renewAt.get().plus(Duration.between(renewAt.get(), end).dividedBy(2)));
        String fix = "sallyport certs rotate " + service + " --wait";
        if (!end.isAfter(now)) {
            checks.add(Check.failed(
                    CheckCode.WORKLOAD_CERTIFICATE,
                    CERTIFICATES,
                    service + ": expired " + Times.relative(end, now),
                    "sallyport token create --service " + service));
        } else if (late) {
            checks.add(Check.warning(
                    CheckCode.RENEWAL,
                    CERTIFICATES,
                    service + ": renewal is late, planned " + Times.relative(renewAt.get(), now) + ", expires "
                            + Times.relative(end, now),
                    fix));
        } else {
            checks.add(Check.ok(
                    CheckCode.WORKLOAD_CERTIFICATE,
                    CERTIFICATES,
                    service + ": expires " + Times.relative(end, now)
                            + renewAt.map(moment -> ", renews " + Times.relative(moment, now))
                                    .orElse("")));
        }
    }

    private void authority(CheckCode code, String what, Instant end, String fix) {
        ending(code, what, end, ENDS_SOON, fix);
    }

    private void ending(CheckCode code, String what, Instant end, Duration soon, String fix) {
        if (!end.isAfter(now)) {
            checks.add(Check.failed(code, CERTIFICATES, what + ": expired " + Times.relative(end, now), fix));
        } else if (end.isBefore(now.plus(soon))) {
            checks.add(Check.warning(code, CERTIFICATES, what + ": expires " + Times.relative(end, now), fix));
        } else {
            checks.add(Check.ok(code, CERTIFICATES, what + ": good for " + Durations.text(Duration.between(now, end))));
        }
    }
}
