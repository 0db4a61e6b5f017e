package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code proxy stats}: what a sidecar has counted since its start. */
@Command(description = "Shows what a sidecar has counted since its start.")
public final class ProxyStatsCommand extends SidecarCommand {
    @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "which, where there are several")
    private Optional<String> service = Optional.empty();

    public ProxyStatsCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    Optional<String> service() {
        return service;
    }

    @Override
    void ask(AdminClient client, AdminPort port, boolean json) throws CliException {
        JsonNode stats = client.get(port, "/stats?format=json");
        if (json) {
            invocation.print(stats);
        } else {
            Table table = new Table("NAME", "VALUE");
            Plain.leaves("", stats, table);
            invocation.print(table);
        }
    }
}
