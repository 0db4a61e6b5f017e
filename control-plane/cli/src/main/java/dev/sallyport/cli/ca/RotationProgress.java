package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.RefusedException;
import dev.sallyport.cli.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Follows a rotation to its end, saying a line whenever something changed. A control plane that is away for a while goes on when it is back, and so does this. Blocking. */
final class RotationProgress {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int NAMED_MAX = 5;

    private final Invocation invocation;
    private final ControlPlaneApi api;

    RotationProgress(Invocation invocation, ControlPlaneApi api) {
        this.invocation = invocation;
        this.api = api;
    }

    /** Until it is over; the last answer. {@link ExitCode#FAILURE} when its end is another than {@code wanted}, {@link ExitCode#TIMEOUT} with those it waits for. */
    JsonNode await(String wanted, Duration limit) throws CliException {
        long end = System.nanoTime() + limit.toNanos();
        String said = "";
        List<String> open = List.of();
        while (System.nanoTime() - end < 0) {
            Optional<JsonNode> answer = Optional.empty();
            String line;
            try {
                answer = Optional.of(api.authorities());
                line = line(answer.get().path("rotation"));
                open = missing(answer.get().path("rotation"));
            } catch (RefusedException e) {
                throw e;
            } catch (CliException away) {
                line = String.valueOf(away.getMessage());
            }
            if (!line.equals(said)) {
                invocation.say(line);
                said = line;
            }
            if (answer.filter(RotationProgress::over).isPresent()) {
                return ended(answer.get(), wanted);
            }
            pause();
        }
        throw new CliException(
                ExitCode.TIMEOUT,
                "rotation: not over after " + Durations.text(limit) + "; it goes on, see sallyport ca status",
                open);
    }

    /** What a command leaves behind: the answer itself as JSON, else a line of it. */
    void print(JsonNode answer, boolean json) {
        if (json) {
            invocation.print(answer);
        } else {
            invocation.print("rotation: " + line(answer.path("rotation")));
        }
    }

    /** The rotation that was looked at, and no other that somebody began since, is what a command means. */
    static ObjectNode seen(JsonNode answer) {
        ObjectNode body = Invocation.JSON.createObjectNode();
        JsonNode id = answer.at("/rotation/id");
        if (id.isInt()) {
            body.set("rotation", id);
        }
        return body;
    }

    private static boolean over(JsonNode answer) {
        String phase = answer.at("/rotation/phase").asText();
        return phase.equals("done") || phase.equals("aborted");
    }

    private static JsonNode ended(JsonNode answer, String wanted) throws CliException {
        String phase = answer.at("/rotation/phase").asText();
        if (!phase.equals(wanted)) {
            String because = answer.at("/rotation/because").asText("");
            throw new CliException("rotation: " + phase + (because.isEmpty() ? "" : ": " + Table.visible(because)));
        }
        return answer;
    }

    /** {@code distribute: 3 of 5; waiting for back/b1 (not connected since …)}. */
    static String line(JsonNode rotation) {
        StringBuilder line = new StringBuilder(rotation.path("phase").asText());
        JsonNode gate = rotation.path("gate");
        if (!gate.isMissingNode()) {
            line.append(": ")
                    .append(gate.path("passed").asInt())
                    .append(" of ")
                    .append(gate.path("total").asInt());
            List<JsonNode> waitedFor = StreamSupport.stream(gate.path("missing").spliterator(), false)
                    .filter(one -> !one.path("excluded").asBoolean())
                    .toList();
            if (!waitedFor.isEmpty()) {
                line.append("; waiting for ")
                        .append(waitedFor.stream()
                                .limit(NAMED_MAX)
                                .map(one -> one.path("name").asText() + " ("
                                        + one.path("reason").asText() + ")")
                                .collect(Collectors.joining(", ")));
            }
            if (waitedFor.size() > NAMED_MAX) {
                line.append(" and ").append(waitedFor.size() - NAMED_MAX).append(" more");
            }
        }
        String problem = rotation.path("problem").asText("");
        return Table.visible(line + (problem.isEmpty() ? "" : "; does not go on: " + problem));
    }

    private static List<String> missing(JsonNode rotation) {
        List<String> lines = new ArrayList<>();
        for (JsonNode one : rotation.at("/gate/missing")) {
            if (!one.path("excluded").asBoolean()) {
                lines.add(Table.visible("  " + one.path("name").asText() + ": "
                        + one.path("reason").asText() + "; its certificate ends at "
                        + one.path("endsAt").asText()));
            }
        }
        return lines;
    }

    private static void pause() throws CliException {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("rotation: interrupted while waiting; it goes on");
        }
    }
}
