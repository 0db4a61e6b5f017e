package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ca abort}: back to the old authority, at any time before it retires; who has a certificate of the new one gets one of the old first. */
@Command(description = "Takes a rotation of the authority back, at any time before the old one retires.")
public final class CaAbortCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Mixin
    private final RotationEnd end = new RotationEnd();

    public CaAbortCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode answer = api.abortRotation(RotationProgress.seen(api.authorities()));
            var progress = new RotationProgress(invocation, api);
            progress.print(end.from(answer, progress, "aborted"), json);
        }
        return 0;
    }
}
