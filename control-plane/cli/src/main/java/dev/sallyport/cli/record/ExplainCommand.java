package dev.sallyport.cli.record;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.InvalidDocumentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explain}: why a recorded decision fell as it did, or how a made-up request would be decided. */
@Command(
        description = {
            "Says why: each rule with its conditions, and the nearest rule that would allow it.",
            "  explain ID --state DIR                               a decision on record below DIR",
            "  explain DIR --from orders --request \"POST /charges\"   a made-up request"
        })
public final class ExplainCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Parameters(
            arity = "1..*",
            paramLabel = "ID|PATH",
            description =
                    "the decisionId of a denial; or the documents, files and folders, that judge a made-up request")
    private List<String> subjects;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "a sidecar's state folder, or one above several; every log below is searched")
    private Optional<Path> state = Optional.empty();

    @ArgGroup(exclusive = false, heading = "%nFor a made-up request:%n")
    private @Nullable MadeUpRequest madeUp; // picocli knows no Optional of a group

    @Option(names = "--exit-code", description = "end with 5 when it is, or would be, denied")
    private boolean exitCode;

    public ExplainCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException, InvalidDocumentException {
        boolean json = invocation.json();
        if (state.isPresent() == (madeUp != null)) {
            throw invocation.usage("explain: expected --state DIR for a decision on record, or --from SERVICE --request"
                    + " \"METHOD /path\" for a made-up request");
        }
        Account account;
        Map<String, Object> record = Map.of();
        if (madeUp != null) {
            account = madeUp.explain(subjects.stream().map(Path::of).toList());
        } else {
            if (subjects.size() > 1) {
                throw invocation.usage(subjects.get(1) + ": one word too many (expected: one decision id)");
            }
            RecordSearch search = new RecordSearch(state.orElseThrow());
            List<String> notes = new ArrayList<>();
            Recorded recorded = judged(search, search.byId(subjects.getFirst()), notes);
            account = RecordAccount.of(recorded, notes);
            record = recorded.stored().fields();
        }
        if (json) {
            invocation.print(account.json(record));
        } else {
            account.lines(invocation).forEach(invocation::print);
        }
        return (exitCode && !account.allowed() ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    /** The caller's sidecar only passed the answer on: the decision is on the called side's record. */
    private static Recorded judged(RecordSearch search, Recorded found, List<String> notes) throws IOException {
        if (!found.direction().equals("outbound") || !found.verdict().equals("allow")) {
            return found;
        }
        Optional<Recorded> inbound = search.inboundOf(found);
        notes.add(
                inbound.isPresent()
                        ? "the record asked for is the caller's side; this is the decision of the called side"
                        : "this is the caller's side; the called side's record is not below the folder given");
        return inbound.orElse(found);
    }
}
