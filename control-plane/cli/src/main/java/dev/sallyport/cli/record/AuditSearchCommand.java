package dev.sallyport.cli.record;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Invocation.Format;
import dev.sallyport.cli.Table;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit search}: records of the collected log, the newest first. */
@Command(
        description = {
            "Finds records in the collected log, the newest first, in the order in which they reached it.",
            "  audit search --from -15m --caller front --decision deny",
            "-o json: the answer of the control plane; -o jsonl: the records themselves, a line each."
        })
public final class AuditSearchCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Mixin
    private RecordFilters filters = new RecordFilters();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "at most so many, up to 1,000 (default: ${DEFAULT-VALUE})")
    private int limit;

    @Option(
            names = "--before",
            paramLabel = "INDEX",
            description = "only what stands before this in the log: the next page")
    private String before = "";

    public AuditSearchCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        Format format = invocation.format(Format.TABLE, Format.JSON, Format.JSONL);
        String query = filters.query(
                invocation,
                Instant.now(),
                "limit",
                Integer.toString(limit),
                "before",
                before,
                "entries",
                format == Format.JSONL ? "true" : "");
        CollectedRecords.Page page;
        try (ControlPlaneApi api = invocation.api()) {
            page = new CollectedRecords(api).search(query);
        }
        switch (format) {
            case JSON -> invocation.print(RecordRow.ascii(page.json()));
            case JSONL -> page.rows().forEach(row -> invocation.print(RecordRow.line(row.entry(), invocation)));
            default -> print(page);
        }
        page.warnings().forEach(invocation::say);
        return 0;
    }

    private void print(CollectedRecords.Page page) {
        if (page.rows().isEmpty()) {
            invocation.say("no record matches");
            return;
        }
        Table table = new Table(RecordRow.HEADING);
        page.rows().forEach(row -> table.row(row.cells()));
        invocation.print(table);
        page.next().ifPresent(next -> invocation.say("there may be more: --before " + next));
    }
}
