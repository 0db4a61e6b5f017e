package dev.sallyport.cli.record;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.InvalidDocumentException;
import java.io.IOException;
import java.nio.file.Files;
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
            "  explain ID                                           a decision on record at the control plane",
            "  explain ID --state DIR                               the same, of the logs below DIR if it is there",
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
        boolean atControlPlane = madeUp == null && Files.exists(invocation.contextFile());
        if (state.isPresent() ? madeUp != null : madeUp == null && !atControlPlane) {
            throw invocation.usage(
                    "explain: expected --state DIR for a decision on record (or the context of a control"
                            + " plane that collects records), or --from SERVICE --request \"METHOD /path\" for a made-up request");
        }
        Account account;
        Map<String, Object> record = Map.of();
        if (madeUp != null) {
            account = madeUp.explain(subjects.stream().map(Path::of).toList());
        } else {
            if (subjects.size() > 1) {
                throw invocation.usage(subjects.get(1) + ": one word too many (expected: one decision id)");
            }
            List<String> notes = new ArrayList<>();
            Optional<Recorded> here = here(subjects.getFirst(), atControlPlane, notes);
            if (here.isPresent()) {
                record = here.get().stored().fields();
                account = RecordAccount.of(
                        here.get(),
                        new Keeping.BySidecar(here.get().stateFolder().orElse(Path.of("."))),
                        notes);
            } else {
                try (ControlPlaneApi api = invocation.api()) {
                    CollectedRecords records = new CollectedRecords(api);
                    Recorded recorded = CollectedRecord.judged(records, subjects.getFirst(), notes);
                    record = recorded.stored().fields();
                    account = RecordAccount.of(recorded, new Keeping.ByControlPlane(records), notes);
                }
            }
        }
        if (json) {
            invocation.print(account.json(record));
        } else {
            account.lines(invocation).forEach(invocation::print);
        }
        return (exitCode && !account.allowed() ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    /** Below the folder given; empty where the control plane is to be asked, because none was given or the record is not there. */
    private Optional<Recorded> here(String id, boolean orElsewhere, List<String> notes)
            throws CliException, IOException {
        if (state.isEmpty()) {
            return Optional.empty();
        }
        RecordSearch search = new RecordSearch(state.get());
        try {
            return Optional.of(judged(search, search.byId(id), notes));
        } catch (CliException notHere) {
            if (orElsewhere && Files.exists(search.folder())) {
                return Optional.empty();
            }
            throw notHere;
        }
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
