package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Times;
import dev.sallyport.cli.sidecar.AdminClient;
import dev.sallyport.cli.sidecar.AdminPort;
import dev.sallyport.document.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** One sidecar of this machine, by what its process says at its admin port: newer than what its folder holds. One run. */
final class SidecarChecks {
    /** A busy sidecar makes as many in a second; seconds of it are always on their way. */
    private static final long LAG_MANY = 10_000;

    private final Path folder;
    private final AdminClient client;
    private final OptionalLong revision;
    private final String category;
    private final Instant now;
    private final List<Check> checks = new ArrayList<>();

    /** {@code revision}: the control plane's, when it could be asked. */
    SidecarChecks(Path folder, AdminClient client, OptionalLong revision, Instant now) {
        this.folder = folder;
        this.client = client;
        this.revision = revision;
        this.category = "sidecar " + folder;
        this.now = now;
    }

    List<Check> all() {
        try {
            AdminPort port = AdminPort.below(folder, String.valueOf(folder.getFileName()));
            JsonNode info = client.get(port, "/server_info");
            checks.add(Check.ok(
                    CheckCode.SIDECAR_ANSWERS,
                    category,
                    info.path("service").asText() + " answers at " + port.address() + ", version "
                            + info.path("version").asText()));
            JsonNode dump = client.get(port, "/config_dump");
            ready(dump.path("configuration"));
            connected(info);
            snapshot(dump.path("snapshot"));
            certificate(client.get(port, "/certs"));
            record(client.get(port, "/stats"));
            logLevel(port);
            telemetry(dump.path("configuration"));
        } catch (CliException e) {
            failed(
                    CheckCode.SIDECAR_ANSWERS,
                    String.valueOf(e.getMessage()),
                    "sallyport proxy --config FILE   # and see its log");
        }
        return List.copyOf(checks);
    }

    private void ready(JsonNode configuration) {
        Optional<HostPort> health = local(configuration, "health");
        if (health.isPresent()) {
            if (client.page(health.get(), "/readyz").isPresent()) {
                ok(CheckCode.SIDECAR_READY, "is ready");
            } else {
                failed(CheckCode.SIDECAR_READY, "is not ready", "curl 'http://" + health.get() + "/readyz?verbose'");
            }
        }
    }

    private void connected(JsonNode info) {
        JsonNode connected = info.path("controlPlaneConnected");
        if (connected.isMissingNode()) {
            return; // standalone
        }
        if (connected.asBoolean()) {
            ok(CheckCode.SIDECAR_CONNECTED, "is connected to its control plane");
        } else {
            failed(CheckCode.SIDECAR_CONNECTED, "is not connected to its control plane", "sallyport check");
        }
    }

    private void snapshot(JsonNode snapshot) {
        if (!snapshot.path("inForce").asBoolean()) {
            failed(
                    CheckCode.SIDECAR_SNAPSHOT,
                    (snapshot.isObject() ? "its snapshot has ended" : "no snapshot") + ": every request is denied",
                    "sallyport proxy config --state " + folder);
            return;
        }
        long own = snapshot.path("revision").asLong();
        ok(
                CheckCode.SIDECAR_SNAPSHOT,
                "snapshot of revision " + own + " in force, ends "
                        + Times.relative(snapshot.path("validUntil").asText(""), now));
        if (revision.isPresent() && revision.getAsLong() != own) {
            failed(
                    CheckCode.SIDECAR_REVISION,
                    "decides by revision " + own + ", not " + revision.getAsLong(),
                    "sallyport status --wait " + revision.getAsLong());
        }
    }

    private void certificate(JsonNode certificate) {
        Optional<Instant> end = Times.parse(certificate.path("notAfter").asText(""));
        Optional<Instant> renewAt = Times.parse(certificate.path("renewAt").asText(""));
        String id = certificate.path("id").asText();
        String fix = "sallyport certs rotate " + id.substring(id.lastIndexOf('/') + 1) + " --wait";
        if (certificate.path("revoked").asBoolean()) {
            failed(CheckCode.SIDECAR_CERTIFICATE, id + ": its certificate is revoked", fix);
        } else if (end.isEmpty() || !end.get().isAfter(now)) {
            failed(
                    CheckCode.SIDECAR_CERTIFICATE,
                    id + ": its certificate expired "
                            + end.map(moment -> Times.relative(moment, now)).orElse(""),
                    fix);
        } else if (renewAt.isPresent()
                && now.isAfter(renewAt.get()
                        .plus(Duration.between(renewAt.get(), end.get()).dividedBy(2)))) {
            warning(
                    CheckCode.SIDECAR_CERTIFICATE,
                    id + ": renewal is late, expires " + Times.relative(end.get(), now),
                    fix);
        } else {
            ok(CheckCode.SIDECAR_CERTIFICATE, id + ": expires " + Times.relative(end.get(), now));
        }
    }

    private void record(JsonNode stats) {
        JsonNode audit = stats.path("audit");
        long lag = audit.path("lagRecords").asLong(0);
        String problem = audit.path("problem").asText("");
        if (lag > LAG_MANY || !problem.isEmpty()) {
            warning(
                    CheckCode.SIDECAR_LAG,
                    Counted.of(lag, "record") + " not shipped yet" + (problem.isEmpty() ? "" : ": " + problem),
                    "sallyport audit status");
        } else {
            ok(CheckCode.SIDECAR_LAG, Counted.of(lag, "record") + " to ship");
        }
        long dropped =
                stats.path("auditRecordsDropped").asLong(0) + audit.path("lost").asLong(0);
        if (dropped > 0) {
            warning(
                    CheckCode.SIDECAR_DROPS,
                    Counted.of(dropped, "record") + " dropped or lost since its start",
                    "sallyport audit findings");
        } else {
            ok(CheckCode.SIDECAR_DROPS, "no record was dropped");
        }
    }

    private void logLevel(AdminPort port) {
        try {
            JsonNode logging = client.get(port, "/logging");
            String level = logging.path("level").asText();
            if (level.equals("debug") && logging.path("until").asText("").isEmpty()) {
                warning(
                        CheckCode.SIDECAR_LOG_LEVEL,
                        "logs at debug, without an end",
                        "sallyport proxy log-level info --state " + folder);
            } else {
                ok(CheckCode.SIDECAR_LOG_LEVEL, "logs at " + level);
            }
        } catch (CliException e) {
            warning(
                    CheckCode.SIDECAR_LOG_LEVEL,
                    String.valueOf(e.getMessage()),
                    "sallyport proxy log-level --state " + folder);
        }
    }

    /** Nothing is said where its metrics cannot be read from here: they may be for another network only. */
    private void telemetry(JsonNode configuration) {
        Optional<Samples> metrics = local(configuration, "metrics")
                .flatMap(page -> client.page(page, "/metrics"))
                .map(Samples::parse);
        if (metrics.isEmpty()) {
            return;
        }
        long spans = (long) (metrics.get().sum("sallyport_spans_total", "result", "dropped")
                + metrics.get().sum("sallyport_spans_total", "result", "failed"));
        long lines = (long) metrics.get().sum("sallyport_access_log_lines_total", "result", "dropped");
        if (spans + lines > 0) {
            warning(
                    CheckCode.SIDECAR_TELEMETRY,
                    Counted.of(spans, "span") + " and " + Counted.of(lines, "access line") + " dropped since its start",
                    "sallyport proxy config --state " + folder + "   # is its collector there, its disk fast enough?");
        } else {
            ok(CheckCode.SIDECAR_TELEMETRY, "no span and no access line was dropped");
        }
    }

    /** Where its other pages are, as configured; a port that the system chose is not known here. */
    private static Optional<HostPort> local(JsonNode configuration, String page) {
        JsonNode listen = configuration.path(page);
        return HostPort.parse((listen.isObject() ? listen.path("listen") : listen).asText(""))
                .filter(address -> address.port() > 0)
                .map(address -> address.host().equals("0.0.0.0") ? new HostPort("127.0.0.1", address.port()) : address);
    }

    private void ok(CheckCode code, String what) {
        checks.add(Check.ok(code, category, what));
    }

    private void warning(CheckCode code, String what, String fix) {
        checks.add(Check.warning(code, category, what, fix));
    }

    private void failed(CheckCode code, String what, String fix) {
        checks.add(Check.failed(code, category, what, fix));
    }
}
