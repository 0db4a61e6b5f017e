package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code ca status}: which authority signs, until when, and what a rotation waits for. With {@code -o json} the control plane's own answer. */
@Command(description = "Shows authorities, and the newest rotation with what it waits for.")
public final class CaStatusCommand implements Callable<Integer> {
    private final Invocation invocation;

    public CaStatusCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode answer = api.authorities();
            if (json) {
                invocation.print(answer);
            } else {
                Instant now = Instant.now();
                generations(answer, now);
                rotation(answer.path("rotation"), now);
            }
        }
        return 0;
    }

    private void generations(JsonNode answer, Instant now) {
        Table table = new Table("GENERATION", "KIND", "STATE", "ROOT ENDS", "ISSUER ENDS", "SINCE");
        for (JsonNode generation : answer.path("generations")) {
            String since = generation
                    .path("retiredAt")
                    .asText(generation
                            .path("activatedAt")
                            .asText(generation.path("createdAt").asText()));
            table.row(
                    generation.path("number").asText(),
                    generation.path("kind").asText(),
                    generation.path("state").asText(),
                    Times.relative(generation.at("/roots/0/notAfter").asText(""), now),
                    Times.relative(generation.at("/issuer/notAfter").asText(""), now),
                    Times.relative(since, now));
        }
        invocation.print(table);
        for (JsonNode generation : answer.path("generations")) {
            String problem = generation.path("problem").asText("");
            if (!problem.isEmpty()) {
                invocation.print("generation " + generation.path("number").asInt() + ": "
                        + invocation.paint(Colour.BAD, Table.visible(problem)));
            }
        }
    }

    private void rotation(JsonNode rotation, Instant now) {
        if (rotation.isMissingNode()) {
            return;
        }
        String phase = rotation.path("phase").asText();
        invocation.print("rotation " + rotation.path("id").asInt() + " of the "
                + rotation.path("subject").asText() + ", generation "
                + rotation.path("from").asInt() + " to " + rotation.path("to").asInt() + ": "
                + invocation.paint(Colour.STRONG, phase) + " since "
                + Times.relative(rotation.path("changedAt").asText(), now) + ", by "
                + Table.visible(rotation.path("startedBy").asText())
                + (rotation.path("emergency").asBoolean() ? ", emergency" : ""));
        line("aborted", rotation.path("because").asText(""));
        line("does not go on", rotation.path("problem").asText(""));
        JsonNode gate = rotation.path("gate");
        if (gate.isMissingNode()) {
            return;
        }
        invocation.print(
                gate.path("passed").asInt() + " of " + gate.path("total").asInt() + " are through");
        if (gate.path("missing").isEmpty()) {
            return;
        }
        Table table = new Table("MISSING", "CONNECTED", "EXCLUDED", "CERTIFICATE ENDS", "REASON");
        for (JsonNode one : gate.path("missing")) {
            table.row(
                    one.path("name").asText(),
                    one.path("connected").asBoolean() ? "yes" : "no",
                    one.path("excluded").asBoolean() ? "yes" : "no",
                    Times.relative(one.path("endsAt").asText(), now),
                    one.path("reason").asText());
        }
        invocation.print(table);
    }

    private void line(String what, String text) {
        if (!text.isEmpty()) {
            invocation.print("  " + what + ": " + invocation.paint(Colour.BAD, Table.visible(text)));
        }
    }
}
