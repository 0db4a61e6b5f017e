package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ca abort}: back to the old authority, at any time before it retires; who has a certificate of the new one gets one of the old first. */
@Command(description = "Takes a rotation of the authority back, at any time before the old one retires.")
public final class CaAbortCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(names = "--wait", description = "until it is over, with a line for each change")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "how long --wait may take (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    public CaAbortCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode answer = api.abortRotation(RotationProgress.seen(api.authorities()));
            if (wait) {
                answer = new RotationProgress(invocation, api).await("aborted", timeout);
            }
            if (json) {
                invocation.print(answer);
            } else {
                invocation.print("rotation: " + RotationProgress.line(answer.path("rotation")));
            }
        }
        return 0;
    }
}
