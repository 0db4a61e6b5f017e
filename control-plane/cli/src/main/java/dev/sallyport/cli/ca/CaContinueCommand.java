package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ca continue}: asks those who are missing once more, or goes on without some of them. It changes no direction: a rotation that is being aborted goes on being aborted. */
@Command(description = "Lets a rotation of the authority that waits try again, or go on without some.")
public final class CaContinueCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(
            names = "--exclude",
            paramLabel = "NAME",
            description = "do not wait for this SERVICE, SERVICE/INSTANCE or SPIFFE ID; repeatable, on record")
    private List<String> exclude = List.of();

    @Option(names = "--emergency", description = "wait for nobody who is away: they may need new join tokens after it")
    private boolean emergency;

    @Option(names = "--wait", description = "until it is over, with a line for each change")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "how long --wait may take (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    @Option(names = "--yes", description = "do not ask before an emergency")
    private boolean yes;

    public CaContinueCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode seen = api.authorities();
            if (emergency && !confirmed(seen)) {
                return 1;
            }
            JsonNode answer = api.continueRotation(wanted(RotationProgress.seen(seen)));
            if (wait) {
                boolean back = List.of("return", "withdraw", "aborted")
                        .contains(answer.at("/rotation/phase").asText());
                answer = new RotationProgress(invocation, api).await(back ? "aborted" : "done", timeout);
            }
            if (json) {
                invocation.print(answer);
            } else {
                invocation.print("rotation: " + RotationProgress.line(answer.path("rotation")));
            }
        }
        return 0;
    }

    private boolean confirmed(JsonNode ca) {
        for (JsonNode left : ca.path("leftBehind")) {
            invocation.say(Table.visible("not waited for: " + left.path("name").asText()
                    + ", whose certificate ends at " + left.path("endsAt").asText()));
        }
        return yes || invocation.agreed("Go on?");
    }

    private ObjectNode wanted(ObjectNode body) {
        if (emergency) {
            body.put("emergency", true);
        }
        if (!exclude.isEmpty()) {
            exclude.forEach(body.putArray("exclude")::add);
        }
        return body;
    }
}
