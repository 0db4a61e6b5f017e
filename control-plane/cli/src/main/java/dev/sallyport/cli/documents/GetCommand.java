package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code get documents}, {@code get KIND NAME}: what is in force, as its author wrote it. */
@Command(description = "Shows the documents in force: get documents, or get KIND NAME (as YAML).")
public final class GetCommand implements Callable<Integer> {
    private static final String ALL = "documents";

    private final Invocation invocation;

    @Parameters(index = "0", paramLabel = "KIND", description = "documents, Mesh or RoutePolicy")
    private String kind;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "the document's metadata.name")
    private Optional<String> name = Optional.empty();

    public GetCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        Invocation.Format format =
                invocation.format(Invocation.Format.TABLE, Invocation.Format.JSON, Invocation.Format.YAML);
        if (kind.equalsIgnoreCase(ALL) == name.isPresent()) {
            throw invocation.usage(
                    "get " + kind + name.map(n -> " " + n).orElse("") + " (expected: get documents, or get KIND NAME)");
        }
        try (ControlPlaneApi api = invocation.api()) {
            if (name.isPresent()) {
                one(api.document(kind, name.get()), format, name.get());
            } else {
                all(api, format);
            }
        }
        return 0;
    }

    private void one(String yaml, Invocation.Format format, String documentName) {
        if (format == Invocation.Format.JSON) {
            ObjectNode json = Invocation.JSON.createObjectNode();
            invocation.print(json.put("kind", kind).put("name", documentName).put("text", yaml));
        } else {
            invocation.printRaw(yaml.endsWith("\n") ? yaml : yaml + "\n");
        }
    }

    private void all(ControlPlaneApi api, Invocation.Format format) throws CliException {
        JsonNode answer = api.documents();
        switch (format) {
            case JSON -> invocation.print(answer);
            case YAML -> {
                for (JsonNode document : answer.path(ALL)) {
                    invocation.print("---");
                    String text = api.document(
                            document.path("kind").asText(),
                            document.path("name").asText());
                    invocation.printRaw(text.endsWith("\n") ? text : text + "\n");
                }
            }
            case TABLE, JSONL, GITHUB, SARIF, WIDE, SHORT -> {
                Table table = new Table("KIND", "NAME", "SOURCE");
                for (JsonNode document : answer.path(ALL)) {
                    table.row(
                            document.path("kind").asText(),
                            document.path("name").asText(),
                            document.path("source").asText());
                }
                invocation.print(table);
                invocation.say("revision " + answer.path("revision").asLong() + ", digest "
                        + answer.path("digest").asText());
            }
        }
    }
}
