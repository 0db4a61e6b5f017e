package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.AdminContext;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Times;
import dev.sallyport.cli.sidecar.AdminClient;
import dev.sallyport.document.HostPort;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the control plane knows: documents, issuers, sidecars; and by others of this package certificates, outages, the record. One run. */
final class MeshChecks {
    private static final String CONTROL_PLANE = "control plane";
    private static final String SIDECARS = "sidecars";
    private static final int MONITORING_PORT = 15014;

    private final AdminContext context;
    private final ControlPlaneApi api;
    private final AdminClient pages;
    private final Optional<HostPort> metricsPage;
    private final Instant now;
    private final List<Check> checks = new ArrayList<>();
    private long revision;

    /** {@code metricsPage}: where the control plane has its metrics, if that was said. */
    MeshChecks(
            AdminContext context, ControlPlaneApi api, AdminClient pages, Optional<HostPort> metricsPage, Instant now) {
        this.context = context;
        this.api = api;
        this.pages = pages;
        this.metricsPage = metricsPage;
        this.now = now;
    }

    /** Fails only when the control plane cannot be asked at all. */
    List<Check> all() throws CliException {
        JsonNode status = api.status();
        JsonNode sidecars = api.sidecars().path("sidecars");
        revision = status.path("revision").asLong();
        checks.add(
                Check.ok(CheckCode.CONTROL_PLANE, CONTROL_PLANE, context.api() + " answers, at revision " + revision));
        documents(status.path("documents"));
        status.path("issuers").forEach(this::issuer);
        Optional<Samples> metrics = monitoring(status.path("digest").asText(""));
        if (sidecars.isEmpty()) {
            checks.add(Check.warning(
                    CheckCode.JOINED, SIDECARS, "none has joined", "sallyport token create --service SERVICE"));
        }
        long epoch = status.path("epoch").asLong();
        sidecars.forEach(sidecar -> sidecar(sidecar, epoch, revision));
        programmed(sidecars, epoch, revision, metrics);
        checks.addAll(new CertificateChecks(context, now).all(api, sidecars));
        checks.addAll(OutageChecks.of(status, now));
        checks.addAll(new RecordChecks(now).all(api, metrics));
        return List.copyOf(checks);
    }

    /** The one in force, once asked. */
    long revision() {
        return revision;
    }

    private void documents(JsonNode documents) {
        String error = documents.path("lastError").asText("");
        String folder = documents.path("folder").asText("");
        if (error.isEmpty()) {
            checks.add(Check.ok(
                    CheckCode.DOCUMENTS,
                    CONTROL_PLANE,
                    "documents are valid, by " + documents.path("author").asText()
                            + (folder.isEmpty() ? "" : " " + folder)));
        } else {
            checks.add(Check.failed(
                    CheckCode.DOCUMENTS,
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
            case "fresh" -> checks.add(Check.ok(CheckCode.ISSUER_KEYS, CONTROL_PLANE, name + ": " + keys + ", fresh"));
            case "stale" ->
                checks.add(Check.warning(
                        CheckCode.ISSUER_KEYS,
                        CONTROL_PLANE,
                        name + ": the last good " + keys + " still count and end " + until
                                + ", no newer ones could be fetched" + why,
                        fix));
            case "gone" ->
                checks.add(Check.failed(
                        CheckCode.ISSUER_KEYS,
                        CONTROL_PLANE,
                        name + ": its keys ended " + until + ", every token of it is refused" + why,
                        fix));
            default ->
                checks.add(Check.failed(
                        CheckCode.ISSUER_KEYS,
                        CONTROL_PLANE,
                        name + ": no keys yet, every token of it is refused" + why,
                        fix));
        }
        for (JsonNode skipped : issuer.path("skipped")) {
            if (skipped.path("compromised").asBoolean()) {
                checks.add(Check.failed(
                        CheckCode.ISSUER_KEY_SKIPPED,
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
                    CheckCode.CONNECTED,
                    SIDECARS,
                    name + ": not connected, last seen "
                            + Times.relative(sidecar.path("lastSeen").asText("never"), now),
                    "sallyport proxy --service " + service + "   # or see the log of the one that should run"));
        } else if (!refused.isEmpty()) {
            checks.add(Check.failed(
                    CheckCode.REFUSED,
                    SIDECARS,
                    name + ": refused revision " + acked.path("revision").asText() + ": " + refused,
                    "sallyport get documents -o yaml"));
        } else if (acked.path("revision").asLong(-1) != revision
                || acked.path("epoch").asLong(-1) != epoch) {
            checks.add(Check.failed(
                    CheckCode.BEHIND,
                    SIDECARS,
                    name + ": at revision " + acked.path("revision").asText("none") + ", not " + revision,
                    "sallyport status --wait " + revision));
        } else {
            checks.add(
                    Check.ok(CheckCode.CONNECTED, SIDECARS, name + ": connected, revision " + revision + " applied"));
        }
    }

    /** Of those that are connected: who is away gets the newest when it comes back. */
    private void programmed(JsonNode sidecars, long epoch, long revision, Optional<Samples> metrics) {
        int connected = 0;
        int applied = 0;
        for (JsonNode sidecar : sidecars) {
            JsonNode acked = sidecar.path("acked");
            if (sidecar.path("connected").asBoolean()) {
                connected++;
                applied += acked.path("refused").asText("").isEmpty()
                                && acked.path("revision").asLong(-1) == revision
                                && acked.path("epoch").asLong(-1) == epoch
                        ? 1
                        : 0;
            }
        }
        if (connected == 0) {
            return;
        }
        String what = "policies programmed on " + applied + "/" + connected + " sidecars (revision " + revision
                + metrics.map(page -> page.value("sallyport_snapshot_ack_seconds_max"))
                        .filter(slowest -> slowest.isPresent() && slowest.getAsDouble() > 0)
                        .map(slowest -> String.format(
                                Locale.ROOT, "; slowest ack of the last minutes %.1fs", slowest.getAsDouble()))
                        .orElse("")
                + ")";
        checks.add(
                applied == connected
                        ? Check.ok(CheckCode.PROGRAMMED, SIDECARS, what)
                        : Check.failed(CheckCode.PROGRAMMED, SIDECARS, what, "sallyport status --wait " + revision));
    }

    /**
     * The page of this control plane: it has the same documents in force. Where nobody said where it is, another one at the usual port is none of ours, and none is no fault.
     */
    private Optional<Samples> monitoring(String digest) {
        HostPort page = metricsPage.orElse(new HostPort(context.api().host(), MONITORING_PORT));
        Optional<Samples> found = pages.page(page, "/metrics")
                .map(Samples::parse)
                .filter(samples -> samples.of("sallyport_config_revision_info")
                        .anyMatch(sample ->
                                !digest.isEmpty() && sample.label("digest").equals(digest)));
        if (found.isPresent()) {
            checks.add(Check.ok(CheckCode.MONITORING, CONTROL_PLANE, "metrics at " + page));
        } else if (metricsPage.isPresent()) {
            checks.add(Check.failed(
                    CheckCode.MONITORING,
                    CONTROL_PLANE,
                    "no metrics of this control plane at " + page,
                    "sallyport check --metrics HOST:PORT   # monitoring: in its configuration"));
        }
        return found;
    }
}
