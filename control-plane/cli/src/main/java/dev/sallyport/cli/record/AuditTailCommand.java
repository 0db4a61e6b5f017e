package dev.sallyport.cli.record;

import dev.sallyport.audit.RecordLine;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Invocation.Format;
import dev.sallyport.cli.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code audit tail}: the newest records, and with {@code -f} those to come. */
@Command(
        description = {
            "Shows the newest records, oldest first, and with -f those that come.",
            "  audit tail -f --decision deny             of the collected log",
            "  audit tail -f --local DIR                 of the logs of sidecars below DIR"
        })
public final class AuditTailCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final int AT_ONCE = 1_000;

    private final Invocation invocation;

    @Mixin
    private RecordFilters filters = new RecordFilters();

    @Option(
            names = {"-f", "--follow"},
            description = "go on with what comes, until it is interrupted")
    private boolean follow;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            defaultValue = "20",
            description = "begin with so many, up to 1,000 (default: ${DEFAULT-VALUE})")
    private int lines;

    @Option(
            names = "--local",
            paramLabel = "DIR",
            description = "read the logs below this folder instead of asking the control plane")
    private Optional<Path> local = Optional.empty();

    private Format format = Format.TABLE;

    public AuditTailCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException {
        format = invocation.format(Format.TABLE, Format.JSONL);
        if (lines < 1 || lines > AT_ONCE) {
            throw invocation.usage("-n: " + lines + " (expected: 1 to " + AT_ONCE + ")");
        }
        if (local.isPresent()) {
            local(local.get());
        } else {
            try (ControlPlaneApi api = invocation.api()) {
                collected(new CollectedRecords(api));
            }
        }
        return 0;
    }

    private void collected(CollectedRecords records) throws CliException {
        Instant begin = Instant.now();
        CollectedRecords.Page newest = records.search(query(begin, Integer.toString(lines), "", ""));
        newest.warnings().forEach(invocation::say);
        heading();
        newest.rows().reversed().forEach(row -> print(row, row.entry()));
        long after = newest.rows().isEmpty()
                ? newest.json().path("indexed").asLong() - 1
                : newest.rows().getFirst().index();
        boolean away = false;
        while (follow && waited()) {
            try {
                CollectedRecords.Page page =
                        records.search(query(begin, Integer.toString(AT_ONCE), Long.toString(after), "oldest"));
                page.rows().forEach(row -> print(row, row.entry()));
                after = page.rows().isEmpty() ? after : page.rows().getLast().index();
                away = false;
            } catch (RefusedException e) {
                if (e.status() != 503) {
                    throw e;
                }
            } catch (CliException e) {
                if (!away) {
                    invocation.say(e.getMessage() + "; waiting for it");
                }
                away = true; // A control plane that starts anew goes on where it was.
            }
        }
    }

    private String query(Instant begin, String limit, String after, String order) {
        return filters.query(invocation, begin, "limit", limit, "after", after, "order", order, "entries", "true");
    }

    private void local(Path folder) throws IOException, CliException {
        Instant begin = Instant.now();
        LocalLines log = new LocalLines(folder);
        Deque<byte[]> newest = new ArrayDeque<>();
        log.forEachNew((bytes, line) -> {
            if (filters.matches(invocation, line, begin)) {
                newest.addLast(bytes);
                if (newest.size() > lines) {
                    newest.removeFirst();
                }
            }
        });
        heading();
        newest.forEach(bytes -> RecordLine.parse(bytes).ifPresent(line -> print(RecordRow.of(line), bytes)));
        while (follow && waited()) {
            log.forEachNew((bytes, line) -> {
                if (filters.matches(invocation, line, begin)) {
                    print(RecordRow.of(line), bytes);
                }
            });
        }
    }

    private void heading() {
        if (format == Format.TABLE) {
            invocation.print(RecordRow.headingLine());
        }
    }

    private void print(RecordRow row, byte[] entry) {
        invocation.print(format == Format.JSONL ? RecordRow.line(entry, invocation) : row.line(invocation));
    }

    private static boolean waited() {
        try {
            Thread.sleep(POLL);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
