package dev.sallyport.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Waits until what was asked of the sidecars has happened, by asking the control plane again and again. Blocking. */
public final class Rollout {
    private static final Duration POLL = Duration.ofMillis(50);

    private final ControlPlaneApi api;

    public Rollout(ControlPlaneApi api) {
        this.api = api;
    }

    /** One look: what is still missing, a line each; empty means done. */
    @FunctionalInterface
    public interface Look {
        List<String> missing() throws CliException;
    }

    /**
     * Until the control plane is at {@code revision} and every connected sidecar has acknowledged it; {@link ExitCode#TIMEOUT} with those that have not. A sidecar that refused it
     * ends the wait: it will not change its mind.
     */
    public void await(long revision, Duration limit) throws CliException {
        await("revision " + revision, limit, () -> missing(revision));
    }

    /** Until {@code look} misses nothing. */
    public void await(String what, Duration limit, Look look) throws CliException {
        long end = System.nanoTime() + limit.toNanos();
        for (List<String> missing = look.missing(); !missing.isEmpty(); missing = look.missing()) {
            if (System.nanoTime() - end >= 0) {
                throw new CliException(
                        ExitCode.TIMEOUT, what + ": not everywhere after " + Durations.text(limit), missing);
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CliException(what + ": interrupted while waiting");
            }
        }
    }

    private List<String> missing(long revision) throws CliException {
        JsonNode status = api.status();
        long current = status.path("revision").asLong();
        if (current < revision) {
            return List.of("  control plane: at revision " + current
                    + status.path("documents")
                            .path("lastError")
                            .asText("")
                            .lines()
                            .map(line -> "; " + line)
                            .findFirst()
                            .orElse(""));
        }
        List<String> missing = new ArrayList<>();
        for (JsonNode sidecar : api.sidecars().path("sidecars")) {
            JsonNode acked = sidecar.path("acked");
            String refused = acked.path("refused").asText("");
            String name = sidecar.path("service").asText() + " "
                    + sidecar.path("instance").asText();
            if (!sidecar.path("connected").asBoolean()) {
                continue; // It gets the newest when it comes back; nobody can say when.
            }
            if (!refused.isEmpty() && acked.path("revision").asLong() >= revision) {
                throw new CliException("revision " + revision + ": refused by " + name + ": " + refused);
            }
            if (acked.path("revision").asLong(-1) < revision) {
                missing.add(
                        "  " + name + ": at revision " + acked.path("revision").asText("none"));
            }
        }
        return missing;
    }
}
