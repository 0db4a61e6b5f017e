package dev.sallyport.cli.sidecar;

import dev.sallyport.cli.Invocation;
import java.util.Optional;
import picocli.CommandLine.Parameters;

/** One of them whose only word is the sidecar's service. */
abstract class NamedSidecarCommand extends SidecarCommand {
    @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "which, where there are several")
    private Optional<String> service = Optional.empty();

    NamedSidecarCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    final Optional<String> service() {
        return service;
    }
}
