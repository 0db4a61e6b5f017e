package dev.sallyport.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion bash|zsh}: a script that completes commands and options. */
@Command(
        description = {"Prints a script that completes commands and options:", "  source <(sallyport completion bash)"})
final class CompletionCommand implements Callable<Integer> {
    /** The shells that the script knows. */
    enum Shell {
        BASH,
        ZSH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Invocation invocation;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    CompletionCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        String script = AutoComplete.bash("sallyport", spec.root().commandLine());
        // One script for both: it finds out by itself where it runs.
        invocation.printRaw(script);
        invocation.print("# For every new shell, in ~/." + shell + "rc: source <(sallyport completion " + shell + ")");
        return 0;
    }
}
