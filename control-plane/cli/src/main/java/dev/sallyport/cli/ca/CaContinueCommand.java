package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ca continue}: asks those who are missing once more, or goes on without some of them. It changes no direction: a rotation that is being aborted goes on being aborted. */
@Command(description = "Lets a rotation of the authority that waits try again, or go on without some.")
public final class CaContinueCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Mixin
    private final NotWaitedFor others = new NotWaitedFor();

    @Mixin
    private final RotationEnd end = new RotationEnd();

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
            if (others.emergency() && !confirmed(seen)) {
                return 1;
            }
            JsonNode answer = api.continueRotation(others.into(RotationProgress.seen(seen)));
            boolean back = List.of("return", "withdraw", "aborted")
                    .contains(answer.at("/rotation/phase").asText());
            var progress = new RotationProgress(invocation, api);
            progress.print(end.from(answer, progress, back ? "aborted" : "done"), json);
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
}
