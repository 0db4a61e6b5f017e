package dev.sallyport.benchmarks.command;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code sallyport bench}: measures sidecars, beside their peers where they have any. */
@Command(
        name = "sallyport bench",
        description =
                "Measures one request through a pair of sidecars, beside the backend alone and a pair of nginx, what"
                        + " users' tokens cost, what certificates cost, and what the audit log does.",
        sortOptions = false,
        subcommands = {
            LatencyCommand.class,
            MemoryCommand.class,
            StartCommand.class,
            PolicyCommand.class,
            SinksCommand.class,
            TokensCommand.class,
            LoopCommand.class,
            FleetCommand.class,
            HandshakeCommand.class,
            VaultCommand.class,
            SearchCommand.class,
            AuditCommand.class,
            BufferedCommand.class,
            CollectorCommand.class,
            CopiesCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:measured", "1:a configuration failed, or answered wrongly", "2:wrong usage"})
final class Bench {
    static final int FAILED = 1;
    private static final int HELP_WIDTH = 120;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "this text")
    private boolean help;

    private Bench() {}

    public static void main(String[] args) {
        System.exit(execute(args));
    }

    static int execute(String... args) {
        return new CommandLine(new Bench())
                .setUsageHelpWidth(HELP_WIDTH)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((e, _) -> wrongUsage(e))
                .setExecutionExceptionHandler((e, command, _) -> failed(e, command))
                .execute(args);
    }

    private static int wrongUsage(ParameterException e) {
        say(String.valueOf(e.getMessage()).lines().findFirst().orElse("wrong usage") + "; see "
                + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Exception e, CommandLine command) throws Exception {
        switch (e) {
            case ParameterException usage -> {
                return wrongUsage(usage);
            }
            case IOException io -> say(String.valueOf(io.getMessage()));
            case InterruptedException _ -> say("stopped");
            default -> throw e;
        }
        return FAILED;
    }

    /** Progress and problems, to people. */
    static void say(String message) {
        System.err.println("sallyport bench: " + message);
    }
}
