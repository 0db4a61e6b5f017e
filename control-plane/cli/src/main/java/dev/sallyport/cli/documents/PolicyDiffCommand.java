package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.diff.Change;
import dev.sallyport.authoring.diff.PolicyDiff;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.document.InvalidDocumentException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code policy diff}: what a change of documents changes for whom, and whether it widens. */
@Command(
        description = {
            "Says which callers may newly call what, and which no longer may; ends with 5 when anything widens.",
            "What is not proven to narrow counts as widening.",
            "  policy diff BEFORE AFTER    two files or folders",
            "  policy diff AFTER           against what the control plane has in force"
        })
public final class PolicyDiffCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(arity = "1..2", paramLabel = "PATH", description = "a file, or a folder of documents")
    private List<Path> paths;

    public PolicyDiffCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException, InvalidDocumentException {
        boolean json = invocation.json();
        Instant now = Instant.now();
        Given after = Given.of(List.of(paths.getLast()), now);
        Given before = paths.size() == 2 ? Given.of(List.of(paths.getFirst()), now) : Given.inForce(invocation, now);
        List<Change> changes =
                PolicyDiff.between(before.tree().set(), after.tree().set(), now);
        long widening = changes.stream().filter(Change::widening).count();
        if (json) {
            invocation.print(json(changes, widening > 0));
        } else {
            changes.forEach(this::print);
        }
        invocation.say(before.name() + " → " + after.name() + ": "
                + (changes.isEmpty()
                        ? "nothing changes for anybody"
                        : Counted.of(changes.size(), "change") + ", "
                                + (widening == 0 ? "none widens" : widening + " of them widening")));
        return (widening > 0 ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    private void print(Change change) {
        String mark = change.widening()
                ? invocation.paint(Colour.BAD, "▲ widening ")
                : invocation.paint(Colour.GOOD, "▽ narrowing");
        invocation.print(mark + "  " + word(change) + "  " + Table.visible(change.subject()));
        invocation.print("               " + Table.visible(change.detail()));
    }

    private static String word(Change change) {
        return change.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static ObjectNode json(List<Change> changes, boolean widening) {
        ObjectNode json = Invocation.JSON.createObjectNode().put("widening", widening);
        ArrayNode list = json.putArray("changes");
        for (Change change : changes) {
            ObjectNode one = list.addObject()
                    .put("kind", change.kind().name().toLowerCase(Locale.ROOT))
                    .put("widening", change.widening())
                    .put("subject", change.subject())
                    .put("detail", change.detail());
            ArrayNode callers = one.putArray("callers");
            change.callers().forEach(callers::add);
        }
        return json;
    }
}
