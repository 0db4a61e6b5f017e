package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options of a command on a rotation: whether it stays until the rotation is over. */
final class RotationEnd {
    @Option(names = "--wait", description = "until it is over, with a line for each change")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "how long --wait may take (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    /** The control plane's last answer: that of the end {@code wanted} if it was waited for, else {@code answer}. */
    JsonNode from(JsonNode answer, RotationProgress progress, String wanted) throws CliException {
        return wait ? progress.await(wanted, timeout) : answer;
    }
}
