package dev.sallyport.proxy.telemetry;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import java.util.List;

/** Everybody who is told of requests: the metrics always, others as the operator has chosen. */
public record Telemetry(ProxyMetrics metrics, Sampling sampling, List<Observer.Maker> observers) {
    public Telemetry {
        observers = List.copyOf(observers);
    }

    /** The metrics alone. */
    public static Telemetry of(ProxyMetrics metrics) {
        return new Telemetry(metrics, Sampling.OFF, List.of());
    }

    /** For one event loop and direction; the metrics hear first. */
    public Observer observer(Direction direction) {
        Observer counted = metrics.observer(direction);
        if (observers.isEmpty()) {
            return counted;
        }
        Observer[] all = observers.stream().map(maker -> maker.on(direction)).toArray(Observer[]::new);
        return new Observer() {
            @Override
            public void started() {
                counted.started();
                for (Observer each : all) {
                    each.started();
                }
            }

            @Override
            public void ended(AuditRecord record, Reason reason, RequestHead head, Span span) {
                counted.ended(record, reason, head, span);
                for (Observer each : all) {
                    each.ended(record, reason, head, span);
                }
            }
        };
    }
}
