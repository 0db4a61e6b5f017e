package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code certs reinstate}: lets an identity get certificates again; those that it had stay revoked. */
@Command(description = "Lets a revoked identity get certificates again; those that it had stay revoked.")
public final class CertsReinstateCommand implements Callable<Integer> {
    private final Invocation invocation;

    /** Exactly one of them. */
    static final class What {
        @Option(names = "--identity", required = true, paramLabel = "ID", description = "the SPIFFE ID")
        private String identity = "";

        @Option(
                names = "--service",
                required = true,
                paramLabel = "SERVICE",
                description = "the identity of this service")
        private String service = "";
    }

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    public CertsReinstateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            boolean service = what.identity.isEmpty();
            JsonNode answer = api.reinstate(service ? "service" : "identity", service ? what.service : what.identity);
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
