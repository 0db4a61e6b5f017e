package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.report.BudgetCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code sallyport bench}: measures sidecars, beside their peers where they have any. */
@Command(
        name = "sallyport bench",
        description = {
            "Measures what a pair of sidecars costs, beside the backend alone and pairs of other proxies.",
            "Without a command: latency, throughput, handshake, memory, start, policy and audit, one after the other, about an hour (--quick: two minutes)."
                    + " What this machine has no program for is left out, and it says how to get it; nothing is installed."
        },
        sortOptions = false,
        subcommands = {
            LatencyCommand.class,
            ThroughputCommand.class,
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
            CopiesCommand.class,
            ReportCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:measured, and all budgets kept",
            "1:a configuration failed or answered wrongly, or a budget was not kept",
            "2:wrong usage"
        })
final class Bench implements Callable<Integer> {
    static final int FAILED = 1;
    private static final int HELP_WIDTH = 120;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "this text")
    private boolean help;

    @Option(names = "--quick", description = "one short round of each: to see that it works, not to quote")
    private boolean quick;

    @Option(
            names = "--check",
            description =
                    "compare raw figures with benchmarks/budgets.yaml and name what fell: those of the last run, or with --quick of a quick run that goes before")
    private boolean check;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "of the raw figures, a file a command (default: benchmarks/target/results)")
    private Optional<Path> results = Optional.empty();

    private Bench() {}

    public static void main(String[] args) {
        System.exit(execute(args));
    }

    static int execute(String... args) {
        return line().execute(args);
    }

    private static CommandLine line() {
        return new CommandLine(new Bench())
                .setUsageHelpWidth(HELP_WIDTH)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((e, _) -> wrongUsage(e))
                .setExecutionExceptionHandler((e, command, _) -> failed(e, command));
    }

    /** The suite, the check, or both. */
    @Override
    public Integer call() throws IOException {
        Path folder = results.orElse(RunOptions.checkout().resolve("benchmarks/target/results"));
        List<String> failed = check && !quick ? List.of() : new Suite(line(), Bench::execute).run(quick, folder);
        int kept = check ? check(folder) : 0;
        if (!failed.isEmpty()) {
            say("failed: " + String.join(", ", failed));
            return FAILED;
        }
        return kept;
    }

    private static int check(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    folder
                            + ": not found (expected: raw figures of a run; ./sallyport bench makes them, benchmarks/results holds committed ones)");
        }
        BudgetCheck done = BudgetCheck.of(RunOptions.checkout().resolve("benchmarks/budgets.yaml"), folder);
        done.unchecked().forEach(line -> System.out.println("not checked: " + line));
        done.fell().forEach(line -> System.out.println("fell: " + line));
        System.out.println(done.kept() + " budgets kept, " + done.fell().size() + " fell, "
                + done.unchecked().size() + " not checked");
        return done.fell().isEmpty() ? 0 : FAILED;
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
