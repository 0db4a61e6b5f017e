package dev.sallyport.cli.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.tlog.FolderTileStore;
import dev.sallyport.audit.tlog.LogReport;
import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.audit.tlog.TiledLogVerifier;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code audit verify} of a tiled log's folder: what was found, in words and as JSON. */
final class TiledLogCheck {
    private final Invocation invocation;
    private final Path folder;
    private final TrustOptions options;

    TiledLogCheck(Invocation invocation, Path folder, TrustOptions options) {
        this.invocation = invocation;
        this.folder = folder;
        this.options = options;
    }

    static boolean isTiledLog(Path path) {
        return Files.isRegularFile(path.resolve(TilePath.CHECKPOINT)) && Files.isDirectory(path.resolve("tile"));
    }

    /** Ends with {@link ExitCode#UNVERIFIED} for what does not hold, with {@link ExitCode#FINDINGS} for records that are missing. */
    void run(Optional<Long> expected) throws CliException, IOException {
        LogReport report = TiledLogVerifier.verify(
                FolderTileStore.reading(folder), options.trust(), new SealReader(options.roots()));
        boolean counted = expected.isEmpty() || expected.get() == report.requests();
        if (invocation.json()) {
            invocation.print(json(report, counted));
        } else {
            print(report);
        }
        if (report.bad().isPresent()) {
            throw new CliException(
                    ExitCode.UNVERIFIED, folder + ": " + report.bad().get().shown());
        }
        if (!counted) {
            throw new CliException(
                    ExitCode.UNVERIFIED,
                    folder + ": " + report.requests() + " requests and refused connections on record (expected: "
                            + expected.orElseThrow() + ")");
        }
        List<String> missing = report.gaps().stream()
                .filter(gap -> !gap.skipped())
                .map(TiledLogCheck::shown)
                .toList();
        if (!missing.isEmpty()) {
            throw new CliException(
                    ExitCode.FINDINGS,
                    folder + ": records are missing in " + Counted.of(missing.size(), "place") + " (expected: none)",
                    missing);
        }
    }

    private static String shown(LogReport.Gap gap) {
        return gap.stream() + ": records " + gap.from() + " to " + gap.to()
                + (gap.skipped() ? ": numbers that the sidecar left out after a crash" : " are not in the log");
    }

    private void print(LogReport report) {
        Table table = new Table("STREAM", "FIRST", "LAST", "RECORDS", "HEAD");
        for (LogReport.Stream stream : report.streams()) {
            table.row(
                    stream.name(),
                    Long.toString(stream.first()),
                    Long.toString(stream.last()),
                    Long.toString(stream.records()),
                    stream.head().substring(0, 16));
        }
        invocation.print(table);
        report.gaps().forEach(gap -> invocation.print(invocation.paint(Colour.BAD, "!") + " " + shown(gap)));
        if (report.bad().isPresent()) {
            invocation.print(
                    invocation.paint(Colour.BAD, "×") + " " + report.bad().get().shown());
            return;
        }
        report.checkpoint().ifPresent(checkpoint -> {
            invocation.print(invocation.paint(Colour.GOOD, "√") + " " + checkpoint.origin() + " holds: "
                    + checkpoint.size() + " entries" + ", root " + checkpoint.root() + ", signed by "
                    + String.join(", ", report.signers()));
            invocation.print("  " + report.requests() + " requests and refused connections in "
                    + Counted.of(report.streams().size(), "stream")
                    + (report.pruned() == 0 ? "" : "; the first " + report.pruned() + " entries were pruned"));
        });
        trustLines(report).forEach(line -> invocation.print("  " + line));
    }

    /** What the signatures are worth. */
    private static List<String> trustLines(LogReport report) {
        String older = report.since()
                .map(since -> "begins with the " + since.size() + " entries of the older checkpoint")
                .orElse("");
        if (!report.cosigners().isEmpty()) {
            String cosigned = "cosigned by " + String.join(", ", report.cosigners());
            return older.isEmpty() ? List.of(cosigned) : List.of(cosigned, older);
        }
        String alone = "operator-trusted: nobody else has cosigned it, so whoever holds its key could have written it"
                + " anew (see --witness)";
        return older.isEmpty() ? List.of(alone) : List.of(older, alone);
    }

    private static ObjectNode json(LogReport report, boolean counted) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        json.put("holds", report.bad().isEmpty() && counted)
                .put("trust", report.cosigners().isEmpty() ? "operator" : "witnessed");
        report.checkpoint()
                .ifPresent(checkpoint -> json.put("origin", checkpoint.origin())
                        .put("size", checkpoint.size())
                        .put("root", checkpoint.root().toString()));
        report.signers().forEach(json.putArray("signers")::add);
        report.cosigners().forEach(json.putArray("cosigners")::add);
        report.since().ifPresent(since -> json.put("since", since.size()));
        json.put("entries", report.entries())
                .put("pruned", report.pruned())
                .put("lines", report.records())
                .put("records", report.requests());
        ArrayNode streams = json.putArray("streams");
        report.streams()
                .forEach(stream -> streams.addObject()
                        .put("stream", stream.name())
                        .put("first", stream.first())
                        .put("last", stream.last())
                        .put("lines", stream.records())
                        .put("head", stream.head()));
        ArrayNode gaps = json.putArray("gaps");
        report.gaps()
                .forEach(gap -> gaps.addObject()
                        .put("stream", gap.stream())
                        .put("from", gap.from())
                        .put("to", gap.to())
                        .put("skipped", gap.skipped()));
        report.bad()
                .ifPresent(bad -> json.putObject("bad")
                        .put("index", bad.index())
                        .put("file", bad.file())
                        .put("problem", bad.problem()));
        return json;
    }
}
