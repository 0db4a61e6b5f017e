package dev.sallyport.cli.documents;

import dev.sallyport.authoring.schema.Schemas;
import dev.sallyport.cli.Invocation;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code policy schema}: what editors complete and check documents by. */
@Command(
        description = {
            "Prints the JSON Schema (draft-07) of documents, for editors. The first line of a document names it:",
            "  # yaml-language-server: $$schema=FILE-OR-URL"
        })
public final class PolicySchemaCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(
            arity = "0..1",
            paramLabel = "KIND",
            description = "Mesh, RoutePolicy, Guardrail or PolicyTest (default: every kind in one schema)")
    private Optional<String> kind = Optional.empty();

    public PolicySchemaCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        invocation.format(Invocation.Format.TABLE, Invocation.Format.JSON);
        invocation.printRaw(kind.map(this::one).orElseGet(Schemas::all));
        return 0;
    }

    private String one(String name) {
        return Schemas.of(name)
                .orElseThrow(() -> invocation.usage(
                        "kind " + name + ": unknown (expected: one of " + String.join(", ", Schemas.kinds()) + ")"));
    }
}
