package dev.sallyport.server.budget;

import dev.sallyport.server.budget.OutageBudget.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The outage budget as {@code /v1/status} says it, beside what the settings promise and demand, in seconds. */
public record OutagePage(
        String authority,
        int workloads,
        int lateRenewals,
        long plannedSeconds,
        Optional<Long> minimumSeconds,
        List<Line> outages) {
    /** {@code lost}: who would have died now. */
    public record Line(String lost, Failed first, Failed half) {}

    /** {@code lacks}: what has ended then. */
    public record Failed(Instant at, String identity, String instance, String lacks) {
        static Failed of(Failure failure) {
            return new Failed(
                    failure.at(),
                    failure.identity(),
                    failure.instance(),
                    failure.lack().code());
        }
    }

    /** Blocks on the store. */
    public static OutagePage of(OutageWatch watch) {
        OutageBudget budget = watch.budget();
        return new OutagePage(
                budget.kind().code(),
                budget.workloads(),
                budget.late(),
                watch.plan().shortest().toSeconds(),
                watch.plan().minimum().map(Duration::toSeconds),
                budget.outages().stream()
                        .map(outage ->
                                new Line(outage.lost().code(), Failed.of(outage.first()), Failed.of(outage.half())))
                        .toList());
    }
}
