package dev.sallyport.cli.ca;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private final NotWaitedFor others = new NotWaitedFor();

    @Mixin
    private final RotationEnd end = new RotationEnd();

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
            var progress = new RotationProgress(invocation, api);
            progress.print(end.from(answer, progress, "done"), json);
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
        return others.into(body);
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
                    others.emergency() && !intermediate
                            ? "these are not waited for and will fail: nobody accepts their certificates after it, and they join again with new tokens"
                            : "each step waits for these, or for the end of their certificates, unless they are excluded");
            lines.addAll(away);
        }
        return lines;
    }
}
