package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import picocli.CommandLine.Command;

/** {@code proxy stats}: what a sidecar has counted since its start. */
@Command(description = "Shows what a sidecar has counted since its start.")
public final class ProxyStatsCommand extends NamedSidecarCommand {
    public ProxyStatsCommand(Invocation invocation) {
        super(invocation);
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
