package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code proxy log-level}: how much a sidecar says, and for how long. */
@Command(
        description = {
            "Shows how much a sidecar logs, or changes it until it restarts.",
            "  proxy log-level debug --for 10m           back to info by itself"
        })
public final class ProxyLogLevelCommand extends SidecarCommand {
    private static final List<String> LEVELS = List.of("debug", "info", "warn", "error");
    private static final Duration LONGEST = Duration.ofHours(1);

    /** For completion. */
    static final class Levels implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return LEVELS.iterator();
        }
    }

    @Parameters(
            arity = "0..2",
            paramLabel = "LEVEL|SERVICE",
            completionCandidates = Levels.class,
            description = "debug, info, warn or error; and which sidecar, where there are several")
    private List<String> words = new ArrayList<>();

    @Option(names = "--for", paramLabel = "DURATION", description = "then back to info; at most 1h")
    private Optional<Duration> span = Optional.empty();

    public ProxyLogLevelCommand(Invocation invocation) {
        super(invocation);
    }

    private Optional<String> level() {
        return words.stream().filter(LEVELS::contains).findFirst();
    }

    @Override
    Optional<String> service() {
        List<String> others =
                words.stream().filter(word -> !LEVELS.contains(word)).toList();
        if (others.size() > 1) {
            throw invocation.usage(String.join(" ", words) + ": no level (expected: one of " + String.join(", ", LEVELS)
                    + ", and a SERVICE)");
        }
        if (words.size() - others.size() > 1) {
            throw invocation.usage(String.join(" ", words) + ": one word too many (expected: a level of "
                    + String.join(", ", LEVELS) + ", and a SERVICE)");
        }
        if (span.isPresent() && level().isEmpty()) {
            throw invocation.usage("--for: without a level (expected: one of " + String.join(", ", LEVELS) + ")");
        }
        span.filter(length -> length.compareTo(LONGEST) > 0 || length.toSeconds() < 1)
                .ifPresent(length -> {
                    throw invocation.usage("--for: " + length.toSeconds() + "s (expected: 1s to 1h)");
                });
        return others.stream().findFirst();
    }

    @Override
    void ask(AdminClient client, AdminPort port, boolean json) throws CliException {
        Optional<String> level = level();
        JsonNode logging = level.isEmpty()
                ? client.get(port, "/logging?format=json")
                : client.change(
                        port,
                        "/logging?level=" + level.get()
                                + span.map(length -> "&for=" + text(length)).orElse(""));
        if (json) {
            invocation.print(logging);
            return;
        }
        String until = logging.path("until").asText("");
        invocation.print(Table.visible(logging.path("level").asText("?"))
                + (until.isEmpty() ? "" : ", info again " + Table.visible(Times.relative(until, Instant.now()))));
    }

    private static String text(Duration length) {
        return length.toSecondsPart() == 0 ? length.toMinutes() + "m" : length.toSeconds() + "s";
    }
}
