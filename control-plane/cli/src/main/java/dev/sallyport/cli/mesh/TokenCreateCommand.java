package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.JoinFiles;
import dev.sallyport.contract.JoinFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code token create}: the one file with which one sidecar joins the mesh. It is a secret until it was used. */
@Command(description = "Makes the file with which one sidecar of a service joins the mesh, mode 0600.")
public final class TokenCreateCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(
            names = "--service",
            required = true,
            paramLabel = "SERVICE",
            description = "a service that the Mesh declares")
    private String service;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write it (default: SERVICE.join here)")
    private Optional<Path> out = Optional.empty();

    @Option(
            names = "--life",
            paramLabel = "DURATION",
            defaultValue = "1h",
            description = "how long it may be used (default: ${DEFAULT-VALUE})")
    private String life;

    @Option(
            names = "--no-token",
            description =
                    "no token in it, and so no secret: for sidecars that prove themselves by their Kubernetes service account")
    private boolean noToken;

    @Option(names = "--force", description = "overwrite the file")
    private boolean force;

    public TokenCreateCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        Path file = out.orElse(Path.of(service + ".join"));
        JoinFile join;
        try (ControlPlaneApi api = invocation.api()) {
            join = noToken
                    ? JoinFiles.createWithoutToken(api, service, file, force)
                    : JoinFiles.create(api, service, life, file, force);
        }
        if (json) {
            ObjectNode answer = Invocation.JSON.createObjectNode();
            answer.put("file", file.toString())
                    .put("service", service)
                    .put("identity", join.identity().toString());
            if (!noToken) {
                answer.put("expires", join.expires().toString());
            }
            invocation.print(answer);
        } else if (noToken) {
            invocation.print(file + ": names the mesh for sidecars that prove to be " + join.identity());
        } else {
            invocation.print(file + ": lets one sidecar join as " + join.identity() + " until " + join.expires());
        }
        return 0;
    }
}
