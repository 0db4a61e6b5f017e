package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;

/** {@code certs reinstate}: lets an identity get certificates again; those that it had stay revoked. */
@Command(description = "Lets a revoked identity get certificates again; those that it had stay revoked.")
public final class CertsReinstateCommand implements Callable<Integer> {
    private final Invocation invocation;

    @ArgGroup(multiplicity = "1")
    private WhoseIdentity whose = new WhoseIdentity();

    public CertsReinstateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode answer = api.reinstate(whose.kind(), whose.value());
            if (json) {
                invocation.print(answer);
            } else {
                invocation.print("reinstated " + answer.path("identity").asText()
                        + "; its sidecars join anew: sallyport token create");
            }
        }
        return 0;
    }
}
