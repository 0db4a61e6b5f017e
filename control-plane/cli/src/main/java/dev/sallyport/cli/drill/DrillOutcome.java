package dev.sallyport.cli.drill;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.load.Load;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What came of a drill. {@code problem}: what did not happen that had to, or happened and must not. */
record DrillOutcome(
        String kind,
        Instant startedAt,
        Instant endedAt,
        Traffic.Result traffic,
        List<Course.Phase> phases,
        Optional<String> problem) {
    private static final int DETAIL_MAX = 4000;

    /** Everything took place, under requests, and none of them failed. */
    boolean passed() {
        return shortcoming().isEmpty();
    }

    /** Why it has not passed. */
    Optional<String> shortcoming() {
        if (problem.isPresent()) {
            return problem;
        }
        if (traffic.failed() > 0) {
            return Optional.of(traffic.failed() + " of " + Counted.of(traffic.requests(), "request") + " failed"
                    + traffic.probes()
                            .flatMap(Load.Result::firstFailure)
                            .map(first -> ", first: " + first)
                            .orElse(""));
        }
        long held = traffic.probes().map(Load.Result::held).orElse(0L);
        if (held > 0) {
            return Optional.of(Counted.of(held, "request") + " not sent, too many were waiting for their answers");
        }
        return traffic.requests() > 0
                ? Optional.empty()
                : Optional.of("no request was under way, which shows nothing (expected: some traffic)");
    }

    /** For people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("drill " + kind + ": " + (passed() ? "passed" : "FAILED"));
        shortcoming().ifPresent(why -> why.lines().forEach(line -> lines.add("  " + Table.visible(line))));
        traffic.probes()
                .ifPresent(probes -> lines.add("  probes: " + Counted.of(probes.sent(), "request") + " at "
                        + probes.perSecond() + "/s, " + probes.failed() + " failed, p50 " + millis(probes.p50())
                        + ", p99 " + millis(probes.p99()) + ", slowest " + millis(probes.slowest())));
        traffic.sidecars()
                .ifPresent(sidecars -> lines.add("  sidecars: " + Counted.of(sidecars.requests(), "request") + ", "
                        + sidecars.failed() + " failed"));
        phases.forEach(phase -> lines.add("  " + phase.what() + ": " + Course.text(phase.took())));
        return lines;
    }

    /** As the control plane keeps it. */
    ObjectNode record() {
        ObjectNode json = summary();
        String detail = String.join("\n", lines().stream().skip(1).toList());
        return json.put("detail", detail.substring(0, Math.min(DETAIL_MAX, detail.length())));
    }

    ObjectNode json() {
        ObjectNode json = summary();
        shortcoming().ifPresent(why -> json.put("problem", why));
        traffic.probes().ifPresent(probes -> json.put("slowestMicros", micros(probes.slowest())));
        traffic.sidecars()
                .ifPresent(sidecars -> json.putObject("sidecars")
                        .put("requests", sidecars.requests())
                        .put("failed", sidecars.failed()));
        ArrayNode list = json.putArray("phases");
        phases.forEach(phase -> list.addObject()
                .put("what", phase.what())
                .put("milliseconds", phase.took().toMillis()));
        return json;
    }

    private ObjectNode summary() {
        ObjectNode json = Invocation.JSON
                .createObjectNode()
                .put("kind", kind)
                .put("startedAt", startedAt.toString())
                .put("endedAt", endedAt.toString())
                .put("requests", traffic.requests())
                .put("failed", traffic.failed())
                .put("passed", passed());
        traffic.probes()
                .ifPresent(
                        probes -> json.put("p50Micros", micros(probes.p50())).put("p99Micros", micros(probes.p99())));
        return json;
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.1f ms", micros(duration) / 1000.0);
    }
}
