package dev.sallyport.proxy.admin;

import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import dev.sallyport.proxy.telemetry.ConnectionMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.HandshakeMetrics.Result;
import dev.sallyport.proxy.telemetry.UserMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
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
 * The sidecar's own metrics, read from the data path's counters at the moment of a scrape, so that a request pays for a few additions and no more. Whoever scrapes runs it: it
 * reads memory and {@code /proc}, and asks no event loop.
 */
final class SidecarMetrics implements MultiCollector {
    private final Observed observed;
    private final boolean istioNames;

    SidecarMetrics(Observed observed, boolean istioNames) {
        this.observed = observed;
        this.istioNames = istioNames;
    }

    @Override
    public MetricSnapshots collect() {
        List<MetricSnapshot> all = new ArrayList<>();
        all.addAll(DecisionMetrics.collect(observed.metrics()));
        all.addAll(RequestMetrics.collect(observed.metrics()));
        all.add(handshakes());
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
        all.addAll(AuditMetrics.collect(observed));
        all.addAll(AccessLogMetrics.collect(observed));
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
        all.addAll(ProcessMetrics.collect());
        if (istioNames) {
            all.addAll(IstioMetrics.collect(
                    observed.metrics(),
                    observed.service(),
                    observed.member().svid().id().toString()));
        }
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

    private CounterSnapshot handshakes() {
        List<Point> points = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            for (Result result : Result.values()) {
                points.add(new Point(
                        observed.metrics().handshakes().count(direction, result),
                        "direction",
                        word(direction),
                        "result",
                        result.word()));
            }
        }
        return counter(
                "sallyport_tls_handshakes",
                "By what came of them: refused is a certificate, shed is one of too many a second.",
                points.toArray(Point[]::new));
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
