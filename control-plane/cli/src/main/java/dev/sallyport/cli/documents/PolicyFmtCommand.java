package dev.sallyport.cli.documents;

import dev.sallyport.authoring.format.Format;
import dev.sallyport.authoring.format.Format.Formatted;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy fmt}: documents in their one canonical form, comments kept. What it cannot prove to say the same is left alone. */
@Command(description = "Formats documents: one form for all, comments kept, nothing said otherwise.")
public final class PolicyFmtCommand implements Callable<Integer> {
    private static final String STDIN = "-";

    private final Invocation invocation;
    private final List<String> problems = new ArrayList<>();
    private int unreadable;
    private int changed;

    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            defaultValue = ".",
            description = "files, folders of *.yaml and *.yml, or - for stdin to stdout (default: this folder)")
    private List<String> paths;

    @Option(names = "--check", description = "write nothing; end with 1 and list what would change")
    private boolean check;

    @Option(names = "--diff", description = "write nothing; show what would change")
    private boolean diff;

    public PolicyFmtCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException {
        invocation.format(Invocation.Format.TABLE);
        if (paths.contains(STDIN) && paths.size() > 1) {
            throw invocation.usage("-: beside other paths (expected: - alone)");
        }
        boolean stdin = paths.equals(List.of(STDIN));
        List<Source> sources = new ArrayList<>();
        if (stdin) {
            sources.add(Source.read("stdin", System.in));
        } else {
            for (String path : paths) {
                sources.addAll(Source.read(Path.of(path)));
            }
        }
        for (Source source : sources) {
            format(source, stdin);
        }
        if (!stdin) {
            invocation.say(Counted.of(sources.size(), "file") + ", " + changed
                    + (check || diff ? " to be formatted" : " formatted"));
        }
        if (!problems.isEmpty()) {
            ExitCode code = unreadable > 0 ? ExitCode.INVALID : ExitCode.FAILURE;
            throw new CliException(
                    code, "documents: " + Counted.of(problems.size(), "problem") + " (expected: none)", problems);
        }
        return (check && changed > 0 ? ExitCode.FAILURE : ExitCode.OK).number();
    }

    private void format(Source source, boolean stdin) throws CliException, IOException {
        switch (Format.of(source)) {
            case Formatted.Json _ -> invocation.say(source.name() + ": left alone, JSON has one form already");
            case Formatted.Unreadable(List<Problem> found) -> {
                unreadable++;
                found.forEach(problem -> problems.add(problem.toString()));
            }
            case Formatted.Unproven(String difference) ->
                problems.add(source.name() + ": left alone, for formatted it would not say the same: " + difference
                        + " (expected: none; please report it)");
            case Formatted.Text(String text) -> write(source, text, stdin);
        }
    }

    private void write(Source source, String text, boolean stdin) throws CliException, IOException {
        boolean same = text.equals(source.text());
        changed += same ? 0 : 1;
        if (diff) {
            UnifiedDiff.of(source.name(), source.text(), text).forEach(invocation::print);
        } else if (stdin && !check) {
            invocation.printRaw(text);
        } else if (!same) {
            if (!check) {
                Rewriting.replace(source, text);
            }
            invocation.print(source.name());
        }
    }
}
