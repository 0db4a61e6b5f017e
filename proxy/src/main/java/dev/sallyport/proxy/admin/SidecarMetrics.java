package dev.sallyport.proxy.admin;

import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.telemetry.ConnectionMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.PolicyMetrics;
import dev.sallyport.proxy.telemetry.PolicyMetrics.Verdict;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.UserMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The sidecar's own metrics, read from the data path's counters at the moment of a scrape, so that a request pays for an addition and no more. Every label is an enum or this
 * sidecar's own: no caller can make a series.
 */
final class SidecarMetrics implements MultiCollector {
    private final Observed observed;

    SidecarMetrics(Observed observed) {
        this.observed = observed;
    }

    @Override
    public MetricSnapshots collect() {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(decisions());
        all.add(observations());
        all.add(divergences());
        all.add(activeRequests());
        all.add(durations(
                Direction.INBOUND,
                "http_server_request_duration_seconds",
                "Requests from other sidecars, first byte to last."));
        all.add(durations(
                Direction.OUTBOUND,
                "http_client_request_duration_seconds",
                "Requests of the application, first byte to last."));
        all.add(counter(
                "sallyport_tls_handshakes",
                "Inbound connections whose handshake proved no identity, and those that were closed before one because there were too many a second.",
                new Point(observed.metrics().refusedConnections(), "direction", "inbound", "result", "refused"),
                new Point(observed.metrics().shedHandshakes(), "direction", "inbound", "result", "shed")));
        all.add(connectionsEnded());
        all.add(certificateExpiration());
        all.add(gauge(
                "sallyport_certificate_revoked",
                "1 when the certificate in use is among those that no longer count: alert on any.",
                new Point(observed.revoked() ? 1 : 0)));
        all.add(counter(
                "sallyport_certificate_rotations",
                "Certificates renewed, and attempts that failed.",
                new Point(observed.member().renewals(), "result", "success"),
                new Point(observed.member().renewalFailures(), "result", "failure")));
        all.add(counter(
                "sallyport_config_rejected",
                "Snapshots refused; the one held stayed.",
                new Point(observed.member().snapshotsRefused())));
        AuditMetrics.collect(observed).forEach(all::add);
        AccessLogMetrics.collect(observed).forEach(all::add);
        all.add(usersCarried());
        all.add(counter(
                "sallyport_tokens_unjudged",
                "Tokens that nobody looked at, because their peer had sent too many new ones.",
                new Point(observed.metrics().users().unjudgedTokens())));
        all.add(counter(
                "sallyport_users_stranded",
                "Users who go no further, because too many were under way.",
                new Point(observed.metrics().users().strandedUsers())));
        all.add(opaAnswers());
        all.add(gauge(
                "sallyport_opa_unavailable",
                "OPAs that are not asked for now, their last questions having failed; once an event loop.",
                new Point(observed.metrics().opa().openBreakers())));
        observed.member()
                .connected()
                .ifPresent(connected -> all.add(gauge(
                        "sallyport_control_plane_connected",
                        "1 while a stream is open.",
                        new Point(connected ? 1 : 0))));
        all.add(SpanFamily.of(observed.metrics().spans()));
        all.add(info("sallyport_build", "This program.", "version", observed.version()));
        observed.snapshots().latest().ifPresent(held -> ofSnapshot(held, all));
        return new MetricSnapshots(all);
    }

    private void ofSnapshot(CompiledSnapshot held, List<MetricSnapshot> all) {
        all.add(info(
                "sallyport_config_revision",
                "The snapshot in force.",
                "revision",
                Long.toString(held.snapshot().revision()),
                "digest",
                held.snapshot().policy().digest()));
        Duration age =
                Duration.between(held.snapshot().issuedAt(), observed.clock().instant());
        all.add(gauge(
                "sallyport_snapshot_age_seconds",
                "Since the snapshot in force was issued.",
                new Point(age.toMillis() / 1000.0)));
    }

    private CounterSnapshot decisions() {
        List<Point> points = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (Reason reason : Reason.values()) {
                long count = observed.metrics().requests(direction, reason);
                if (count > 0) {
                    points.add(new Point(
                            count,
                            "direction",
                            word(direction),
                            "decision",
                            reason == Reason.ALLOWED ? "allow" : "deny",
                            "reason",
                            reason.code()));
                }
            }
        }
        return counter(
                "sallyport_authz_decisions", "Requests ended, by decision and reason.", points.toArray(Point[]::new));
    }

    private CounterSnapshot connectionsEnded() {
        Point[] points = Arrays.stream(ConnectionMetrics.End.values())
                .map(why -> new Point(observed.metrics().connections().count(why), "reason", why.word()))
                .toArray(Point[]::new);
        return counter(
                "sallyport_connections_ended",
                "Connections that could not be left to end by themselves, by the reason.",
                points);
    }

    private CounterSnapshot usersCarried() {
        Point[] points = Arrays.stream(UserMetrics.Carried.values())
                .map(outcome -> new Point(observed.metrics().users().count(outcome), "result", outcome.word()))
                .toArray(Point[]::new);
        return counter("sallyport_users_carried", "Requests of the application, by what became of their user.", points);
    }

    private CounterSnapshot opaAnswers() {
        Point[] points = Arrays.stream(OpaAnswer.values())
                .map(answer -> new Point(observed.metrics().opa().answers(answer), "answer", word(answer)))
                .toArray(Point[]::new);
        return counter("sallyport_opa_answers", "Questions to OPA ended, by answer.", points);
    }

    private CounterSnapshot observations() {
        PolicyMetrics policy = observed.metrics().policy();
        return counter(
                "sallyport_authz_observed",
                "Requests that mode: observe forwarded, by the reason for which they would be denied.",
                Arrays.stream(Reason.values())
                        .filter(reason -> policy.observations(reason) > 0)
                        .map(reason -> new Point(policy.observations(reason), "reason", reason.code()))
                        .toArray(Point[]::new));
    }

    private CounterSnapshot divergences() {
        PolicyMetrics policy = observed.metrics().policy();
        List<Point> points = new ArrayList<>();
        for (Verdict from : Verdict.values()) {
            for (Verdict to : Verdict.values()) {
                long count = policy.divergences(from, to);
                if (count > 0) {
                    points.add(new Point(count, "from", from.word(), "to", to.word()));
                }
            }
        }
        return counter(
                "sallyport_authz_candidate_divergence",
                "Requests that would be decided otherwise if nothing were in dry run.",
                points.toArray(Point[]::new));
    }

    private HistogramSnapshot durations(Direction direction, String name, String help) {
        return HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(
                                ProxyMetrics.durationBounds(),
                                observed.metrics().durations(direction)))
                        .sum(observed.metrics().requestMicros(direction) / 1_000_000.0)
                        .build())
                .build();
    }

    private GaugeSnapshot activeRequests() {
        List<Point> points = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            points.add(new Point(observed.metrics().active(direction), "direction", word(direction)));
        }
        return gauge("http_server_active_requests", "Requests under way.", points.toArray(Point[]::new));
    }

    private GaugeSnapshot certificateExpiration() {
        X509Svid svid = observed.member().svid();
        return gauge(
                "sallyport_certificate_expiration_timestamp_seconds",
                "End of the certificate in use.",
                new Point(
                        svid.notAfter().getEpochSecond(), "spiffe_id", svid.id().toString(), "kind", "svid"));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** A value under its labels: names and values in turn. */
    @SuppressWarnings("ArrayRecordComponent") // for its varargs
    record Point(double value, String... labels) {}

    static CounterSnapshot counter(String name, String help, Point... points) {
        var builder = CounterSnapshot.builder().name(name).help(help);
        for (Point point : points) {
            builder.dataPoint(CounterDataPointSnapshot.builder()
                    .value(point.value)
                    .labels(Labels.of(point.labels))
                    .build());
        }
        return builder.build();
    }

    static GaugeSnapshot gauge(String name, String help, Point... points) {
        var builder = GaugeSnapshot.builder().name(name).help(help);
        for (Point point : points) {
            builder.dataPoint(GaugeDataPointSnapshot.builder()
                    .value(point.value)
                    .labels(Labels.of(point.labels))
                    .build());
        }
        return builder.build();
    }

    private static InfoSnapshot info(String name, String help, String... labels) {
        return InfoSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of(labels))
                        .build())
                .build();
    }
}
