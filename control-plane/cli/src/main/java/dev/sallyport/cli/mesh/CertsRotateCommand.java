package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Rollout;
import dev.sallyport.cli.SerialsInUse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code certs rotate}: tells sidecars to get a new certificate now, over their streams; nothing is restarted. */
@Command(description = "Tells sidecars to get new certificates now.")
public final class CertsRotateCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(arity = "0..*", paramLabel = "SERVICE", description = "whose sidecars")
    private List<String> services = List.of();

    @Option(names = "--all", description = "those of every service")
    private boolean all;

    @Option(names = "--wait", description = "until each of them uses its new certificate")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "how long --wait may take (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    public CertsRotateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        if (all != services.isEmpty()) {
            throw invocation.usage("certs rotate: expected --all or at least one SERVICE, not both");
        }
        try (ControlPlaneApi api = invocation.api()) {
            SerialsInUse before = serials(api);
            long started = System.nanoTime();
            long requested = api.rotate(all ? Optional.empty() : Optional.of(services))
                    .path("requested")
                    .asLong();
            if (wait) {
                new Rollout(api).await("rotation", timeout, () -> before.unchanged(serials(api)));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - started);
            if (json) {
                ObjectNode answer = Invocation.JSON.createObjectNode().put("requested", requested);
                if (wait) {
                    answer.put("rotated", before.bySidecar().size()).put("milliseconds", took.toMillis());
                }
                invocation.print(answer);
            } else {
                invocation.print("asked " + Counted.of(requested, "sidecar") + " for a new certificate"
                        + (wait ? "; " + before.bySidecar().size() + " use it, after " + Durations.text(took) : ""));
            }
        }
        return 0;
    }

    private SerialsInUse serials(ControlPlaneApi api) throws CliException {
        return SerialsInUse.of(api, service -> all || services.contains(service));
    }
}
