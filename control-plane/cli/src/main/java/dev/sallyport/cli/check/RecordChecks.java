package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.RefusedException;
import dev.sallyport.cli.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The collected log: whether it takes records, publishes checkpoints that witnesses cosign, and reaches the places that it is copied to. One run. */
final class RecordChecks {
    private static final String CATEGORY = "audit record";
    /** A checkpoint follows its entries within seconds, with witnesses within a minute. */
    private static final Duration CHECKPOINT_LATE = Duration.ofMinutes(5);
    /** Longer than the pauses between the attempts of a copy whose place is away for a moment. */
    private static final Duration COPY_LATE = Duration.ofMinutes(5);

    private final Instant now;
    private final List<Check> checks = new ArrayList<>();

    RecordChecks(Instant now) {
        this.now = now;
    }

    /** {@code metrics}: the control plane's page, where it was found. */
    List<Check> all(ControlPlaneApi api, Optional<Samples> metrics) throws CliException {
        try {
            log(api.get("/v1/audit/status"));
        } catch (RefusedException e) {
            if (e.status() != 404) { // a control plane that is older keeps no such page
                checks.add(Check.failed(
                        CheckCode.RECORD, CATEGORY, String.valueOf(e.getMessage()), "sallyport audit status"));
            }
        }
        metrics.ifPresent(this::copies);
        return List.copyOf(checks);
    }

    private void log(JsonNode status) {
        String problem = status.path("problem").asText("");
        if (problem.isEmpty()) {
            checks.add(Check.ok(
                    CheckCode.RECORD,
                    CATEGORY,
                    "takes records, has " + entries(status.path("size").asLong())));
        } else {
            checks.add(Check.failed(CheckCode.RECORD, CATEGORY, "takes nothing: " + problem, "sallyport audit status"));
        }
        checkpoint(status);
        witnesses(status.path("witnesses"));
        long findings = status.path("findings").asLong();
        if (findings == 0) {
            checks.add(Check.ok(CheckCode.FINDINGS, CATEGORY, "no open finding"));
        } else {
            checks.add(Check.warning(
                    CheckCode.FINDINGS, CATEGORY, Counted.of(findings, "open finding"), "sallyport audit findings"));
        }
    }

    private void checkpoint(JsonNode status) {
        JsonNode checkpoint = status.path("checkpoint");
        long size = status.path("size").asLong();
        long published = checkpoint.path("size").asLong();
        Optional<Instant> at = Times.parse(checkpoint.path("at").asText(""));
        String age = at.map(moment -> ", signed " + (moment.isBefore(now) ? Times.relative(moment, now) : "just now"))
                .orElse("");
        String what = checkpoint.isObject() ? "checkpoint of " + entries(published) + age : "no checkpoint";
        boolean late = at.isEmpty() || at.get().isBefore(now.minus(CHECKPOINT_LATE));
        if (size <= published) {
            checks.add(Check.ok(CheckCode.CHECKPOINT, CATEGORY, size == 0 ? "nothing to sign yet" : what));
        } else if (late && (checkpoint.isObject() ? at.isPresent() : size > 0)) {
            checks.add(Check.failed(
                    CheckCode.CHECKPOINT,
                    CATEGORY,
                    what + ": " + entries(size - published) + " more are under none",
                    "sallyport audit status"));
        } else {
            checks.add(Check.ok(CheckCode.CHECKPOINT, CATEGORY, what + ", the next is on its way"));
        }
    }

    private void witnesses(JsonNode witnesses) {
        int configured = witnesses.path("configured").size();
        int cosigned = witnesses.path("cosigned").size();
        long quorum = witnesses.path("quorum").asLong();
        if (configured == 0) {
            // A choice, and nothing that somebody has to act on: the words say what it means.
            checks.add(Check.ok(
                    CheckCode.WITNESSES,
                    CATEGORY,
                    "no witness is configured: nobody outside sees that the log is not rewritten"));
        } else if (cosigned < quorum) {
            checks.add(Check.failed(
                    CheckCode.WITNESSES,
                    CATEGORY,
                    cosigned + " of " + configured + " witnesses cosign, " + quorum + " must"
                            + (witnesses.path("problems").isEmpty()
                                    ? ""
                                    : ": " + witnesses.at("/problems/0").asText()),
                    "sallyport audit status"));
        } else {
            checks.add(Check.ok(
                    CheckCode.WITNESSES,
                    CATEGORY,
                    cosigned + " of " + configured + " witnesses cosign, " + quorum + " must"));
        }
    }

    private void copies(Samples metrics) {
        metrics.of("sallyport_audit_copy_failing")
                .sorted(Comparator.comparing(sample -> sample.label("copy")))
                .forEach(sample -> copy(sample.label("copy"), sample.value() > 0, metrics));
    }

    private void copy(String name, boolean failing, Samples metrics) {
        String copy = "copy " + name;
        long records = (long) metrics.sum("sallyport_audit_copy_lag_records", "copy", name);
        Duration lag = Duration.ofSeconds((long) metrics.sum("sallyport_audit_copy_lag_seconds", "copy", name));
        long gaps = (long) metrics.sum("sallyport_audit_copy_gaps_total", "copy", name);
        String behind = Counted.of(records, "record") + " and " + Durations.text(lag) + " behind";
        if (failing) {
            checks.add(Check.failed(
                    CheckCode.COPY_FAILING,
                    CATEGORY,
                    copy + ": fails, " + behind,
                    "sallyport audit status   # and the control plane's log: what " + name + " answers"));
        } else if (lag.compareTo(COPY_LATE) > 0) {
            checks.add(Check.warning(
                    CheckCode.COPY_LAG,
                    CATEGORY,
                    copy + ": " + behind,
                    "sallyport audit status   # how much does the place of " + name + " take?"));
        } else {
            checks.add(Check.ok(CheckCode.COPY_LAG, CATEGORY, copy + ": " + behind));
        }
        if (gaps > 0) {
            checks.add(Check.warning(
                    CheckCode.COPY_GAPS,
                    CATEGORY,
                    copy + ": " + Counted.of(gaps, "gap") + ": records that it never got",
                    "sallyport audit export --help"));
        }
    }

    private static String entries(long number) {
        return number + (number == 1 ? " entry" : " entries");
    }
}
