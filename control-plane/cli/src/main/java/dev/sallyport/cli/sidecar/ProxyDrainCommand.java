package dev.sallyport.cli.sidecar;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code proxy drain}: ends a sidecar as a signal would, after what is under way. */
@Command(description = "Lets a sidecar finish what is under way and end, as SIGTERM does.")
public final class ProxyDrainCommand extends NamedSidecarCommand {
    @Option(names = "--yes", description = "do not ask")
    private boolean yes;

    public ProxyDrainCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    void ask(AdminClient client, AdminPort port, boolean json) throws CliException {
        if (!yes && !invocation.agreed("End the sidecar " + port + "?")) {
            throw new CliException("sidecar: " + port + ": left as it is");
        }
        var _ = client.post(port, "/drain");
        if (json) {
            invocation.print(Invocation.JSON
                    .createObjectNode()
                    .put("draining", port.address().toString()));
        } else {
            invocation.print(port + " is draining");
        }
    }
}
