package dev.sallyport.proxy.admin;

import dev.sallyport.proxy.telemetry.Cell;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.RequestKey;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What was decided about requests from other sidecars, in the words of the record. {@code mode}: {@code enforce} is what happened; {@code observe} is a denial that was only observed, the request went on; both together are all
 * requests. {@code dryRun} is what would have been decided beside, of requests that are counted under one of the others as well.
 */
final class DecisionMetrics {
    private DecisionMetrics() {}

    static List<MetricSnapshot> collect(ProxyMetrics metrics) {
        List<Cell> inbound = metrics.cells(Direction.INBOUND);
        Projection decisions = Projection.of(inbound, key -> Optional.of(live(key)))
                .and(Projection.of(inbound, DecisionMetrics::beside));
        return List.of(
                decisions.requests(
                        "sallyport_authz_decisions",
                        "Requests ended, by what was decided (mode enforce or observe), and what a dry run would decide (mode dryRun)."),
                Projection.of(inbound, DecisionMetrics::observed)
                        .requests(
                                "sallyport_authz_observed",
                                "Requests that mode: observe forwarded, by the reason for which they would be denied."),
                Projection.of(inbound, DecisionMetrics::divergence)
                        .requests(
                                "sallyport_authz_candidate_divergence",
                                "Requests that would be decided otherwise if nothing were in dry run."),
                Projection.of(inbound, DecisionMetrics::token)
                        .requests(
                                "sallyport_jwt_validations",
                                "Users' own tokens by what they came to; the issuer of a verified one."));
    }

    private static Labels live(RequestKey key) {
        return key.observed().isEmpty()
                ? decision(
                        key,
                        "enforce",
                        key.verdict().name().toLowerCase(Locale.ROOT),
                        key.reason().code(),
                        key.policy())
                : decision(key, "observe", "deny", key.observed(), key.policy());
    }

    private static Optional<Labels> beside(RequestKey key) {
        return key.candidate().isEmpty()
                ? Optional.empty()
                : Optional.of(decision(key, "dryRun", key.candidate(), key.candidateReason(), key.candidatePolicy()));
    }

    private static Labels decision(RequestKey key, String mode, String decision, String reason, String policy) {
        return new LabelSet()
                .with("decision", decision)
                .with("mode", mode)
                .with("reason", reason)
                .with("policy", policy)
                .with("http_route", key.template())
                .with("source_principal", key.caller())
                .labels();
    }

    private static Optional<Labels> observed(RequestKey key) {
        return key.observed().isEmpty() ? Optional.empty() : Optional.of(Labels.of("reason", key.observed()));
    }

    private static Optional<Labels> divergence(RequestKey key) {
        String live = key.allowed() ? "allow" : "deny";
        if (key.candidate().isEmpty() || key.candidate().equals(live)) {
            return Optional.empty();
        }
        return Optional.of(new LabelSet()
                .with("from", live)
                .with("to", key.candidate())
                .with("policy", key.candidatePolicy())
                .labels());
    }

    private static Optional<Labels> token(RequestKey key) {
        if (key.token().isEmpty() || key.token().equals("absent")) {
            return Optional.empty();
        }
        return Optional.of(new LabelSet()
                .with("issuer", key.issuer())
                .with("result", key.token())
                .labels());
    }
}
