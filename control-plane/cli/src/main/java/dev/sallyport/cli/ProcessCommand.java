package dev.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Unmatched;

/** One of the processes that the launcher starts as programs of their own and never asks the command line for; here for help and completion. */
final class ProcessCommand implements Callable<Integer> {
    private final String name;

    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    private ProcessCommand(String name) {
        this.name = name;
    }

    static CommandLine of(String name, String description) {
        CommandLine command = new CommandLine(new ProcessCommand(name));
        CommandSpec spec = command.getCommandSpec();
        spec.usageMessage().description(description);
        return command;
    }

    @Override
    public Integer call() throws CliException {
        throw new CliException(
                ExitCode.USAGE,
                name + " " + String.join(" ", arguments)
                        + ": a process of its own (expected: to be started by the script sallyport)");
    }
}
