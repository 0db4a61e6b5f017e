package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code audit findings}: what is missing or wrong in the collected log. */
@Command(
        description =
                "Lists what is missing or wrong in the collected log: gaps, silent sidecars, streams that nobody has, hops with one record.")
public final class AuditFindingsCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(names = "--all", description = "also those that have ended")
    private boolean all;

    @Option(names = "--exit-code", description = "end with 5 when one is open")
    private boolean exitCode;

    public AuditFindingsCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        JsonNode findings;
        try (ControlPlaneApi api = invocation.api()) {
            findings = new CollectedRecords(api).findings(all).path("findings");
        }
        boolean open = false;
        for (JsonNode finding : findings) {
            open |= isOpen(finding);
        }
        if (json) {
            invocation.print(RecordRow.ascii(findings));
        } else if (findings.isEmpty()) {
            invocation.print(invocation.paint(Colour.GOOD, "√") + " no finding");
        } else {
            print(findings, Instant.now());
        }
        return (open && exitCode ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    private static boolean isOpen(JsonNode finding) {
        return finding.path("until").asText("").isEmpty();
    }

    private void print(JsonNode findings, Instant now) {
        Table table = new Table("ID", "KIND", "SUBJECT", "SINCE", "STATE", "WHAT");
        for (JsonNode finding : findings) {
            table.row(
                    finding.path("id").asText(),
                    finding.path("kind").asText(),
                    finding.path("subject").asText(),
                    Times.relative(finding.path("since").asText(""), now),
                    isOpen(finding)
                            ? "open"
                            : "ended " + Times.relative(finding.path("until").asText(""), now),
                    finding.path("what").asText());
        }
        invocation.print(table);
    }
}
