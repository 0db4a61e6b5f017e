package dev.sallyport.cli.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.authoring.Finding;
import dev.sallyport.authoring.Lint;
import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Rollout;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code apply}: makes a set of documents the one in force, whole or not at all. */
@Command(description = "Replaces the whole set of documents, if it is valid and nobody was faster.")
public final class ApplyCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "PATH",
            description = "a file, or a folder of *.yaml, *.yml and *.json; repeatable, together they are the set")
    private List<Path> paths;

    @Option(names = "--dry-run", description = "lint and compare only")
    private boolean dryRun;

    @Option(names = "--wait", description = "until every connected sidecar has applied it")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "how long --wait may take (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    public ApplyCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException, InvalidDocumentException {
        boolean json = invocation.json();
        List<Source> sources = Source.readAll(paths);
        Instant now = Instant.now();
        lint(sources, now);
        String digest = WorkingTree.load(sources, now).set().digest();
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode current = api.documents();
            long revision = current.path("revision").asLong();
            boolean changes = !current.path("digest").asText().equals(digest);
            if (dryRun) {
                report(json, revision, digest, "would replace revision " + revision, changes);
                return 0;
            }
            JsonNode applied = api.putDocuments(named(sources), revision);
            long live = applied.path("revision").asLong();
            report(json, live, applied.path("digest").asText(), "is live as revision " + live, changes);
            if (wait) {
                new Rollout(api).await(live, timeout);
                invocation.say("applied by every connected sidecar");
            }
        }
        return 0;
    }

    /** Before the network: a mistake is shown with the place in the author's own file. */
    private void lint(List<Source> sources, Instant now) throws CliException {
        List<String> errors = new ArrayList<>();
        for (Finding finding : Lint.check(sources, now)) {
            Problem problem = finding.problem();
            if (finding.severity() == Finding.Severity.ERROR) {
                errors.add(problem.toString());
            } else {
                invocation.say("warning: " + problem);
            }
        }
        if (!errors.isEmpty()) {
            throw new CliException(
                    ExitCode.INVALID,
                    "documents: " + Counted.of(errors.size(), "problem") + " (expected: none); nothing was sent",
                    errors);
        }
    }

    /** The control plane keeps file names, not this machine's folders. */
    private static List<Source> named(List<Source> sources) throws CliException {
        List<Source> named = new ArrayList<>();
        for (Source source : sources) {
            String name = String.valueOf(Path.of(source.name()).getFileName());
            if (named.stream().anyMatch(other -> other.name().equals(name))) {
                throw new CliException(
                        ExitCode.INVALID, "documents: two files " + name + " (expected: different names)");
            }
            named.add(new Source(name, source.text()));
        }
        return named;
    }

    private void report(boolean json, long revision, String digest, String what, boolean changes) {
        if (json) {
            ObjectNode answer = Invocation.JSON.createObjectNode();
            answer.put("revision", revision)
                    .put("digest", digest)
                    .put("dryRun", dryRun)
                    .put("changes", changes);
            invocation.print(answer);
        } else {
            invocation.print("the set " + digest.substring(0, 12) + " " + (changes ? what : "is in force already"));
        }
    }
}
