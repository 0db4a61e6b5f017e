package dev.sallyport.cli.drill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code certs drill list}: who practised what, and what came of it. */
@Command(description = "Lists the drills that were run: who, when, what, and whether anybody noticed.")
public final class DrillListCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(names = "--detail", description = "with what each drill said at its end")
    private boolean detail;

    public DrillListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode drills = api.drills();
            if (json) {
                invocation.print(drills);
            } else if (detail) {
                drills.path("drills").forEach(this::detail);
            } else {
                table(drills);
            }
        }
        return 0;
    }

    private void table(JsonNode drills) {
        Instant now = Instant.now();
        Table table = new Table("DRILL", "KIND", "BY", "STARTED", "TOOK", "REQUESTS", "FAILED", "P99", "RESULT");
        for (JsonNode drill : drills.path("drills")) {
            String p99 = drill.path("p99Micros").asText("");
            table.row(
                    drill.path("id").asText(),
                    drill.path("kind").asText(),
                    drill.path("by").asText(),
                    Times.relative(drill.path("startedAt").asText(""), now),
                    took(drill),
                    drill.path("requests").asText(),
                    drill.path("failed").asText(),
                    p99.isEmpty() ? "" : Long.parseLong(p99) / 1000 + " ms",
                    result(drill));
        }
        invocation.print(table);
    }

    private void detail(JsonNode drill) {
        boolean passed = drill.path("passed").asBoolean();
        invocation.print("drill " + drill.path("id").asText() + ": "
                + drill.path("kind").asText() + " by "
                + Table.visible(drill.path("by").asText()) + ", "
                + drill.path("startedAt").asText() + ", "
                + invocation.paint(passed ? Colour.GOOD : Colour.BAD, result(drill)));
        drill.path("detail").asText().lines().map(Table::visible).forEach(invocation::print);
    }

    private static String took(JsonNode drill) {
        Optional<Instant> started = Times.parse(drill.path("startedAt").asText(""));
        Optional<Instant> ended = Times.parse(drill.path("endedAt").asText(""));
        return started.isPresent() && ended.isPresent()
                ? Course.text(Duration.between(started.get(), ended.get()))
                : "";
    }

    private static String result(JsonNode drill) {
        return drill.path("passed").asBoolean() ? "passed" : "failed";
    }
}
