package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditReader;
import dev.sallyport.audit.export.OcsfEvent;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit export}: records for other tools, and with {@code --out} the part of the log that proves them. */
@Command(
        description = {
            "Writes records as lines of JSON, oldest first; with --out into a folder that verifies by itself.",
            "  audit export --from 2026-03-01 --to 2026-04-01 --out DIR",
            "jsonl: the exact entries, whose names are OpenTelemetry's.  ocsf: class 4002, HTTP Activity, of OCSF 1.9."
        })
public final class AuditExportCommand implements Callable<Integer> {
    /** How a record is written. */
    enum Form {
        JSONL,
        OCSF;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int AT_ONCE = 1_000;

    private final Invocation invocation;

    @Mixin
    private RecordFilters filters = new RecordFilters();

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "jsonl",
            description = "jsonl or ocsf (default: ${DEFAULT-VALUE})")
    private Form form = Form.JSONL;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "a new folder for the records and for the log that they are in, with its signed checkpoint")
    private Optional<Path> out = Optional.empty();

    public AuditExportCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException {
        invocation.format(Invocation.Format.TABLE);
        try (ControlPlaneApi api = invocation.api()) {
            CollectedRecords records = new CollectedRecords(api);
            if (out.isPresent()) {
                folder(records, out.get());
            } else {
                write(records, Long.MAX_VALUE, invocation::print);
            }
        }
        return 0;
    }

    private interface Lines {
        void line(String line) throws IOException;
    }

    /** Those before index {@code end}. */
    private long write(CollectedRecords records, long end, Lines lines) throws CliException, IOException {
        Instant begin = Instant.now();
        long count = 0;
        OptionalLong after = OptionalLong.of(-1);
        while (after.isPresent()) {
            CollectedRecords.Page page = records.search(filters.query(
                    invocation,
                    begin,
                    "limit",
                    Integer.toString(AT_ONCE),
                    "order",
                    "oldest",
                    "after",
                    Long.toString(after.getAsLong()),
                    "before",
                    end == Long.MAX_VALUE ? "" : Long.toString(end),
                    "entries",
                    "true"));
            for (RecordRow row : page.rows()) {
                Optional<String> line = line(row);
                if (line.isPresent()) {
                    lines.line(line.get());
                    count++;
                }
            }
            after = page.next();
        }
        return count;
    }

    private Optional<String> line(RecordRow row) throws IOException {
        if (form == Form.JSONL) {
            return Optional.of(RecordRow.line(row.entry(), invocation));
        }
        Map<String, Object> fields = AuditReader.fields(row.entry())
                .orElseThrow(
                        () -> new IOException("entry " + row.index() + ": not a record (expected: a JSON object)"));
        return switch (OcsfEvent.of(fields, row.text("stream"))) {
            case OcsfEvent.Event event -> Optional.of(event.line());
            case OcsfEvent.NoClass _ -> Optional.empty();
        };
    }

    private void folder(CollectedRecords records, Path folder) throws CliException, IOException {
        if (Files.exists(folder)) {
            throw new CliException("--out: " + folder + ": is there already (expected: a folder to be made)");
        }
        LogCopy log = LogCopy.begin(records, folder.resolve("log"));
        Files.createDirectories(folder);
        String name = form == Form.JSONL ? "records.jsonl" : "records.ocsf.jsonl";
        long written;
        try (BufferedWriter file = Files.newBufferedWriter(folder.resolve(name), StandardCharsets.UTF_8)) {
            written = write(records, log.checkpoint().size(), line -> {
                file.write(line);
                file.write('\n');
            });
        }
        log.write();
        StringBuilder keys = new StringBuilder();
        records.status().path("keys").forEach(key -> keys.append(key.asText()).append('\n'));
        Files.writeString(folder.resolve("log.vkey"), keys);
        Files.writeString(folder.resolve("README.txt"), readme(name, written, log));
        invocation.print(Counted.of(written, "record") + " in " + folder.resolve(name) + "; log/ holds "
                + log.checkpoint().origin() + ", "
                + Counted.of(log.checkpoint().size(), "leaf").replace("leafs", "leaves"));
        invocation.say("verify it with: sallyport audit verify " + folder.resolve("log") + " --key "
                + folder.resolve("log.vkey"));
    }

    private static String readme(String name, long written, LogCopy log) {
        return name + ": " + Counted.of(written, "record") + ", oldest first.\n"
                + "log/: the tiled log (C2SP tlog-tiles) " + log.checkpoint().origin() + ": its signed checkpoint of "
                + log.checkpoint().size()
                + " entries, all its hashes, and every entry that was not pruned. Every line of records.jsonl is, byte for byte, an entry of it.\n"
                + "log.vkey: the log's keys, as the control plane names them. Take those that you trust from elsewhere.\n"
                + "\n"
                + "  sallyport audit verify log --key log.vkey\n";
    }
}
