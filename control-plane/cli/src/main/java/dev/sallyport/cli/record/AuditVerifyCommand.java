package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.AuditVerifier;
import dev.sallyport.audit.tlog.TlogProof;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code audit verify}: recomputes every chain and names the first record that does not hold. */
@Command(
        description = {
            "Recomputes audit logs and names the first record that does not hold: the chains of sidecars' logs, a tiled",
            "log with everything in it, or the proof of one record. Needs files alone."
        })
public final class AuditVerifyCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(
            paramLabel = "PATH",
            description =
                    "a log file, a folder that is searched in every depth, a tiled log's folder, or a .tlog-proof")
    private Path path;

    @Option(
            names = "--expect",
            paramLabel = "N",
            description = "fail unless exactly N requests and refused connections are on record")
    private Optional<Long> expected = Optional.empty();

    @Mixin
    private TrustOptions trust = new TrustOptions();

    public AuditVerifyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException, CliException {
        boolean json = invocation.json();
        if (!Files.exists(path)) {
            throw new CliException(path + ": not found (expected: an audit log, or a folder with some below)");
        }
        if (TiledLogCheck.isTiledLog(path)) {
            new TiledLogCheck(invocation, path, trust).run(expected);
            return 0;
        }
        if (path.toString().endsWith(TlogProof.SUFFIX)) {
            new ProofCheck(invocation, path, trust).run();
            return 0;
        }
        AuditVerifier.Report report = AuditVerifier.verify(path);
        boolean counted = expected.isEmpty() || expected.get() == report.records();
        boolean holds = report.bad().isEmpty() && counted;
        if (json) {
            invocation.print(json(report, holds));
        } else {
            print(report);
        }
        if (report.bad().isPresent()) {
            AuditVerifier.BadRecord bad = report.bad().get();
            throw new CliException(
                    ExitCode.UNVERIFIED,
                    bad.file() + ":" + bad.line() + ": record " + bad.number() + ": " + bad.problem()
                            + " (expected: an unbroken chain)");
        }
        if (!counted) {
            throw new CliException(
                    ExitCode.UNVERIFIED,
                    path + ": " + report.records() + " requests and refused connections on record (expected: "
                            + expected.get() + ")");
        }
        return 0;
    }

    private void print(AuditVerifier.Report report) {
        Table table = new Table("LOG", "STREAM", "FILES", "RECORDS", "HEAD");
        for (AuditVerifier.LogReport log : report.logs()) {
            table.row(
                    log.folder().toString(),
                    log.streamId(),
                    Integer.toString(log.files()),
                    Long.toString(log.records()),
                    log.head().substring(0, Math.min(16, log.head().length())));
        }
        invocation.print(table);
        if (report.bad().isEmpty()) {
            invocation.print(invocation.paint(Colour.GOOD, "√") + " every chain holds: "
                    + report.records() + " requests and refused connections"
                    + " in " + Counted.of(report.logs().size(), "log"));
        } else {
            AuditVerifier.BadRecord bad = report.bad().get();
            invocation.print(invocation.paint(Colour.BAD, "×") + " record " + bad.number() + " does not hold: "
                    + bad.file() + ":" + bad.line());
        }
    }

    private ObjectNode json(AuditVerifier.Report report, boolean holds) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        json.put("holds", holds).put("records", report.records());
        expected.ifPresent(number -> json.put("expected", number));
        ArrayNode logs = json.putArray("logs");
        for (AuditVerifier.LogReport log : report.logs()) {
            logs.addObject()
                    .put("folder", log.folder().toString())
                    .put("stream", log.streamId())
                    .put("files", log.files())
                    .put("records", log.records())
                    .put("head", log.head());
        }
        report.bad()
                .ifPresent(bad -> json.putObject("bad")
                        .put("file", bad.file().toString())
                        .put("line", bad.line())
                        .put("record", bad.number())
                        .put("problem", bad.problem()));
        return json;
    }
}
