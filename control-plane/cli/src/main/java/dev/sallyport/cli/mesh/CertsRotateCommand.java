package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Rollout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
            Map<String, String> before = serials(api);
            long started = System.nanoTime();
            long requested = api.rotate(all ? Optional.empty() : Optional.of(services))
                    .path("requested")
                    .asLong();
            if (wait) {
                new Rollout(api).await("rotation", timeout, () -> unchanged(before, serials(api)));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - started);
            if (json) {
                ObjectNode answer = Invocation.JSON.createObjectNode().put("requested", requested);
                if (wait) {
                    answer.put("rotated", before.size()).put("milliseconds", took.toMillis());
                }
                invocation.print(answer);
            } else {
                invocation.print("asked " + Counted.of(requested, "sidecar") + " for a new certificate"
                        + (wait ? "; " + before.size() + " use it, after " + Durations.text(took) : ""));
            }
        }
        return 0;
    }

    /** The serial that each connected sidecar of the chosen services last acknowledged. */
    private Map<String, String> serials(ControlPlaneApi api) throws CliException {
        Map<String, String> serials = new TreeMap<>();
        for (JsonNode sidecar : api.sidecars().path("sidecars")) {
            String service = sidecar.path("service").asText();
            if (sidecar.path("connected").asBoolean() && (all || services.contains(service))) {
                serials.put(
                        service + " " + sidecar.path("instance").asText(),
                        sidecar.path("certificateSerial").asText());
            }
        }
        return serials;
    }

    /** One that reconnects at this moment, as it may with its new certificate, is still missing. */
    private static List<String> unchanged(Map<String, String> before, Map<String, String> now) {
        List<String> unchanged = new ArrayList<>();
        before.forEach((sidecar, serial) -> {
            if (serial.equals(now.getOrDefault(sidecar, serial))) {
                unchanged.add("  " + sidecar + ": still certificate " + serial);
            }
        });
        return unchanged;
    }
}
