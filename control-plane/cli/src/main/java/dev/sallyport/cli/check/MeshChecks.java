package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.AdminContext;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.Times;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the control plane knows: documents, issuers, sidecars, certificates. One run. */
final class MeshChecks {
    private static final String CONTROL_PLANE = "control plane";
    private static final String SIDECARS = "sidecars";
    private static final String CERTIFICATES = "certificates";

    /** A root lives ten years and an administrator's certificate one: a month is time to act. */
    private static final Duration ENDS_SOON = Duration.ofDays(30);

    private final AdminContext context;
    private final ControlPlaneApi api;
    private final Instant now;
    private final List<Check> checks = new ArrayList<>();

    MeshChecks(AdminContext context, ControlPlaneApi api, Instant now) {
        this.context = context;
        this.api = api;
        this.now = now;
    }

    /** Fails only when the control plane cannot be asked at all. */
    List<Check> all() throws CliException {
        JsonNode status = api.status();
        JsonNode sidecars = api.sidecars().path("sidecars");
        long revision = status.path("revision").asLong();
        checks.add(Check.ok(CONTROL_PLANE, context.api() + " answers, at revision " + revision));
        documents(status.path("documents"));
        status.path("issuers").forEach(this::issuer);
        if (sidecars.isEmpty()) {
            checks.add(Check.warning(SIDECARS, "none has joined", "sallyport token create --service SERVICE"));
        }
        sidecars.forEach(sidecar -> sidecar(sidecar, status.path("epoch").asLong(), revision));
        certificates(sidecars);
        checks.addAll(OutageChecks.of(status, now));
        return List.copyOf(checks);
    }

    private void documents(JsonNode documents) {
        String error = documents.path("lastError").asText("");
        String folder = documents.path("folder").asText("");
        if (error.isEmpty()) {
            checks.add(Check.ok(
                    CONTROL_PLANE,
                    "documents are valid, by " + documents.path("author").asText()
                            + (folder.isEmpty() ? "" : " " + folder)));
        } else {
            checks.add(Check.failed(
                    CONTROL_PLANE,
                    "the last documents were refused, an older revision is in force: "
                            + error.lines().findFirst().orElse(""),
                    "sallyport policy lint " + (folder.isEmpty() ? "PATH" : folder)));
        }
    }

    private void issuer(JsonNode issuer) {
        String name = "issuer " + issuer.path("name").asText();
        String error = issuer.path("error").asText("");
        String why = error.isEmpty() ? "" : ": " + error;
        String keys = Counted.of(issuer.path("keys").asLong(), "key");
        String until = Times.relative(issuer.path("goodUntil").asText(""), now);
        String fix = "curl " + issuer.path("issuer").asText() + "/.well-known/openid-configuration";
        switch (issuer.path("state").asText()) {
            case "fresh" -> checks.add(Check.ok(CONTROL_PLANE, name + ": " + keys + ", fresh"));
            case "stale" ->
                checks.add(Check.warning(
                        CONTROL_PLANE,
                        name + ": the last good " + keys + " still count and end " + until
                                + ", no newer ones could be fetched" + why,
                        fix));
            case "gone" ->
                checks.add(Check.failed(
                        CONTROL_PLANE,
                        name + ": its keys ended " + until + ", every token of it is refused" + why,
                        fix));
            default ->
                checks.add(
                        Check.failed(CONTROL_PLANE, name + ": no keys yet, every token of it is refused" + why, fix));
        }
        for (JsonNode skipped : issuer.path("skipped")) {
            if (skipped.path("compromised").asBoolean()) {
                checks.add(Check.failed(
                        CONTROL_PLANE,
                        name + ": key " + skipped.path("key").asText() + " is left out, "
                                + skipped.path("reason").asText(),
                        "replace the key at the identity provider"));
            }
        }
    }

    private void sidecar(JsonNode sidecar, long epoch, long revision) {
        String service = sidecar.path("service").asText();
        String name = service + " " + sidecar.path("instance").asText();
        JsonNode acked = sidecar.path("acked");
        String refused = acked.path("refused").asText("");
        if (!sidecar.path("connected").asBoolean()) {
            checks.add(Check.failed(
                    SIDECARS,
                    name + ": not connected, last seen "
                            + Times.relative(sidecar.path("lastSeen").asText("never"), now),
                    "sallyport proxy --service " + service + " (or see the log of the one that should run)"));
        } else if (!refused.isEmpty()) {
            checks.add(Check.failed(
                    SIDECARS,
                    name + ": refused revision " + acked.path("revision").asText() + ": " + refused,
                    "sallyport get documents -o yaml"));
        } else if (acked.path("revision").asLong(-1) != revision
                || acked.path("epoch").asLong(-1) != epoch) {
            checks.add(Check.failed(
                    SIDECARS,
                    name + ": at revision " + acked.path("revision").asText("none") + ", not " + revision,
                    "sallyport status --wait " + revision));
        } else {
            checks.add(Check.ok(SIDECARS, name + ": connected, revision " + revision + " applied"));
        }
    }

    private void certificates(JsonNode sidecars) {
        for (JsonNode sidecar : sidecars) {
            Optional<Instant> end =
                    Times.parse(sidecar.path("certificateNotAfter").asText(""));
            end.ifPresent(moment -> certificate(
                    sidecar.path("service").asText(),
                    moment,
                    Times.parse(sidecar.path("renewAt").asText(""))));
        }
        authority(
                "administrator's certificate",
                context.certificate().getFirst(),
                "restart the control plane: it renews the context");
        for (X509Certificate root : context.trustBundle().authorities()) {
            authority(
                    "root certificate of " + context.trustDomain(),
                    root,
                    "make a new authority: a new state folder for the control plane");
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
                    CERTIFICATES,
                    service + ": expired " + Times.relative(end, now),
                    "sallyport token create --service " + service));
        } else if (late) {
            checks.add(Check.warning(
                    CERTIFICATES,
                    service + ": renewal is late, planned " + Times.relative(renewAt.get(), now) + ", expires "
                            + Times.relative(end, now),
                    fix));
        } else {
            checks.add(Check.ok(
                    CERTIFICATES,
                    service + ": expires " + Times.relative(end, now)
                            + renewAt.map(moment -> ", renews " + Times.relative(moment, now))
                                    .orElse("")));
        }
    }

    private void authority(String what, X509Certificate certificate, String fix) {
        Instant end = certificate.getNotAfter().toInstant();
        if (!end.isAfter(now)) {
            checks.add(Check.failed(CERTIFICATES, what + ": expired " + Times.relative(end, now), fix));
        } else if (end.isBefore(now.plus(ENDS_SOON))) {
            checks.add(Check.warning(CERTIFICATES, what + ": expires " + Times.relative(end, now), fix));
        } else {
            checks.add(Check.ok(CERTIFICATES, what + ": good for " + Durations.text(Duration.between(now, end))));
        }
    }
}
