package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.AdminContext;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.StateFolders;
import dev.sallyport.cli.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code check}: looks at everything that it can reach; what fails does not keep it from looking further. */
@Command(description = "Checks the mesh: what is wrong, or soon will be, each with the command that mends it.")
public final class CheckCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(names = "--state", paramLabel = "DIR", description = "look into the state folders of sidecars here too")
    private Optional<Path> state = Optional.empty();

    @Option(names = "--exit-code", description = "end with 5 when there are warnings only")
    private boolean exitCode;

    public CheckCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        boolean json = invocation.json();
        List<Check> checks = new ArrayList<>();
        checks.add(Check.ok("command line", "java " + Runtime.version()));
        mesh(checks, Instant.now());
        state.ifPresent(folder -> local(checks, folder));
        boolean failed = checks.stream().anyMatch(check -> check.result() == Check.Result.FAILED);
        boolean warned = checks.stream().anyMatch(check -> check.result() == Check.Result.WARNING);
        if (json) {
            invocation.print(json(checks, !failed));
        } else {
            print(checks);
        }
        if (failed) {
            return ExitCode.FAILURE.number();
        }
        return (warned && exitCode ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    private void mesh(List<Check> checks, Instant now) {
        Path file = invocation.contextFile();
        if (!Files.exists(file) && state.isPresent()) {
            checks.add(Check.warning(
                    "context",
                    "no context at " + file + ": the control plane was not asked",
                    "sallyport check --context FILE (the admin.json of the control plane)"));
            return;
        }
        AdminContext context;
        try {
            context = AdminContext.read(file);
        } catch (CliException e) {
            checks.add(Check.failed(
                    "context",
                    String.valueOf(e.getMessage()),
                    Files.exists(file)
                            ? "chmod 600 " + file
                            : "sallyport check --context FILE (the admin.json of the control plane)"));
            return;
        }
        checks.add(Check.ok("context", file + ", mode 0600, of mesh " + context.mesh()));
        try (ControlPlaneApi api = invocation.api()) {
            checks.addAll(new MeshChecks(context, api, now).all());
        } catch (CliException e) {
            checks.add(Check.failed(
                    "control plane",
                    String.valueOf(e.getMessage()),
                    "sallyport control-plane --state DIR (with its own flags)"));
        }
    }

    private static void local(List<Check> checks, Path folder) {
        try {
            for (Path stateFolder : StateFolders.below(folder)) {
                checks.addAll(new LocalChecks(stateFolder, Instant.now()).all());
            }
        } catch (CliException e) {
            checks.add(Check.failed("state", String.valueOf(e.getMessage()), "sallyport check --state DIR"));
        }
    }

    private void print(List<Check> checks) {
        String category = "";
        for (Check check : checks) {
            if (!check.category().equals(category)) {
                invocation.print((category.isEmpty() ? "" : "\n") + check.category());
                category = check.category();
            }
            invocation.print(
                    invocation.paint(check.result().colour, check.result().mark) + " " + Table.visible(check.what()));
            check.fix().ifPresent(fix -> invocation.print("    fix: " + Table.visible(fix)));
        }
    }

    private static ObjectNode json(List<Check> checks, boolean ok) {
        ObjectNode json = Invocation.JSON.createObjectNode().put("ok", ok);
        ArrayNode list = json.putArray("checks");
        for (Check check : checks) {
            ObjectNode one = list.addObject()
                    .put("category", check.category())
                    .put("result", check.result().word())
                    .put("what", check.what());
            check.fix().ifPresent(fix -> one.put("fix", fix));
        }
        return json;
    }
}
