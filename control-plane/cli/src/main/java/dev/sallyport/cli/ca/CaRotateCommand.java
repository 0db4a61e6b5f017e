package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ca rotate}: one command from the old authority to the next. Nothing is restarted; each step waits for everybody who holds a certificate. */
@Command(description = "Replaces the authority's root or intermediate, or the whole authority by another kind.")
public final class CaRotateCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(names = "--root", description = "a new root: everybody comes to trust it before it signs")
    private boolean root;

    @Option(names = "--intermediate", description = "a new intermediate below the same root")
    private boolean intermediate;

    @Option(
            names = "--to",
            paramLabel = "KIND",
            description = "by another kind of authority: embedded, vault-intermediate or vault-leaf")
    private Optional<String> to = Optional.empty();

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

    @Option(names = "--yes", description = "do not ask first")
    private boolean yes;

    public CaRotateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        if (root && intermediate || !root && !intermediate && to.isEmpty()) {
            throw invocation.usage("ca rotate: expected --root, --intermediate or --to KIND");
        }
        try (ControlPlaneApi api = invocation.api()) {
            plan(api.authorities()).forEach(invocation::say);
            if (!yes && !invocation.agreed("Go on?")) {
                return 1;
            }
            JsonNode answer = api.rotateAuthority(wanted());
            if (wait) {
                answer = new RotationProgress(invocation, api).await("done", timeout);
            }
            if (json) {
                invocation.print(answer);
            } else {
                invocation.print("rotation: " + RotationProgress.line(answer.path("rotation")));
            }
        }
        return 0;
    }

    private String subject() {
        if (root) {
            return "root";
        }
        return intermediate ? "intermediate" : "authority";
    }

    private ObjectNode wanted() {
        ObjectNode body = Invocation.JSON.createObjectNode().put("subject", subject());
        to.ifPresent(kind -> body.put("to", kind));
        if (emergency) {
            body.put("emergency", true);
        }
        if (!exclude.isEmpty()) {
            exclude.forEach(body.putArray("exclude")::add);
        }
        return body;
    }

    /** What will happen, and to whom: an emergency is asked about with the names of those who will fail. */
    private List<String> plan(JsonNode ca) {
        List<String> away = new ArrayList<>();
        for (JsonNode holder : ca.path("holders")) {
            if (!holder.path("connected").asBoolean()) {
                away.add(Table.visible("  " + holder.path("name").asText() + ": last seen "
                        + holder.path("lastSeen").asText("before this control plane started")
                        + ", certificate until " + holder.path("endsAt").asText()));
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add("replaces the " + subject() + " of generation "
                + ca.path("active").asInt()
                + to.map(kind -> " by one of " + kind).orElse("") + "; "
                + Counted.of(ca.path("holders").size(), "instance") + " with certificates, " + away.size() + " away");
        if (!away.isEmpty()) {
            lines.add(
                    emergency && !intermediate
                            ? "these are not waited for and will fail: nobody accepts their certificates after it, and they join again with new tokens"
                            : "each step waits for these, or for the end of their certificates, unless they are excluded");
            lines.addAll(away);
        }
        return lines;
    }
}
