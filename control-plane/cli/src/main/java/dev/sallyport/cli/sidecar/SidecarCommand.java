package dev.sallyport.cli.sidecar;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What the commands have in common that ask one sidecar one thing. */
abstract class SidecarCommand implements Callable<Integer> {
    final Invocation invocation;

    @Mixin
    private SidecarOptions options = new SidecarOptions();

    SidecarCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    /** The service that was named, if any. */
    abstract Optional<String> service();

    /** {@code json}: its own answer as it stands is wanted. */
    abstract void ask(AdminClient client, AdminPort port, boolean json) throws CliException;

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        AdminPort port = options.one(invocation, service());
        try (AdminClient client = new AdminClient()) {
            ask(client, port, json);
        }
        return 0;
    }
}
