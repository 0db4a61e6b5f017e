package dev.sallyport.cli;

import dev.sallyport.cli.ca.CaAbortCommand;
import dev.sallyport.cli.ca.CaContinueCommand;
import dev.sallyport.cli.ca.CaRotateCommand;
import dev.sallyport.cli.ca.CaStatusCommand;
import dev.sallyport.cli.check.CheckCommand;
import dev.sallyport.cli.demo.DemoCommand;
import dev.sallyport.cli.documents.AccessCommand;
import dev.sallyport.cli.documents.ApplyCommand;
import dev.sallyport.cli.documents.DocsCommand;
import dev.sallyport.cli.documents.GetCommand;
import dev.sallyport.cli.documents.PolicyDiffCommand;
import dev.sallyport.cli.documents.PolicyFmtCommand;
import dev.sallyport.cli.documents.PolicyLintCommand;
import dev.sallyport.cli.documents.PolicySchemaCommand;
import dev.sallyport.cli.drill.AuthorityOutageDrill;
import dev.sallyport.cli.drill.DrillListCommand;
import dev.sallyport.cli.drill.RootDrill;
import dev.sallyport.cli.drill.RotationDrill;
import dev.sallyport.cli.mesh.CertsListCommand;
import dev.sallyport.cli.mesh.CertsReinstateCommand;
import dev.sallyport.cli.mesh.CertsRevokeCommand;
import dev.sallyport.cli.mesh.CertsRotateCommand;
import dev.sallyport.cli.mesh.CertsShowCommand;
import dev.sallyport.cli.mesh.CertsTimelineCommand;
import dev.sallyport.cli.mesh.StatusCommand;
import dev.sallyport.cli.mesh.TokenCreateCommand;
import dev.sallyport.cli.record.AuditExportCommand;
import dev.sallyport.cli.record.AuditFindingsCommand;
import dev.sallyport.cli.record.AuditKeysCommand;
import dev.sallyport.cli.record.AuditProveCommand;
import dev.sallyport.cli.record.AuditSearchCommand;
import dev.sallyport.cli.record.AuditShowCommand;
import dev.sallyport.cli.record.AuditStatusCommand;
import dev.sallyport.cli.record.AuditTailCommand;
import dev.sallyport.cli.record.AuditVerifyCommand;
import dev.sallyport.cli.record.ExplainCommand;
import dev.sallyport.cli.record.ImpactCommand;
import dev.sallyport.cli.run.RunCommand;
import dev.sallyport.cli.sidecar.ProxyCertsCommand;
import dev.sallyport.cli.sidecar.ProxyConfigCommand;
import dev.sallyport.cli.sidecar.ProxyDrainCommand;
import dev.sallyport.cli.sidecar.ProxyLogLevelCommand;
import dev.sallyport.cli.sidecar.ProxyStatsCommand;
import dev.sallyport.cli.sidecar.TapCommand;
import dev.sallyport.cli.standalone.PolicyBuildCommand;
import dev.sallyport.cli.standalone.PolicyKeyCommand;
import dev.sallyport.cli.tests.PolicyTestCommand;
import dev.sallyport.cli.train.TrainCommand;
import dev.sallyport.cli.vault.VaultSetupCommand;
import dev.sallyport.cli.witness.WitnessCommand;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Nearest;
import dev.sallyport.document.Problem;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: which commands there are, and how each of them ends. */
public final class Cli {
    private static final int HELP_WIDTH = 120;

    private Cli() {}

    public static void main(String[] args) {
        // UTF-8 whatever the locale says: what is printed is read by other tools too.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(execute(new Invocation(out, err, atTerminal(), System.getenv()), args));
    }

    /** Runs one command in this process, as the shell would: same output, the exit code as the answer, no state kept. */
    public static int execute(PrintStream out, PrintStream err, String... args) {
        return execute(new Invocation(out, err, false, System.getenv()), args);
    }

    private static boolean atTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private static int execute(Invocation invocation, String... args) {
        CommandLine commands = commands(invocation);
        commands.setOut(invocation.writer());
        commands.setParameterExceptionHandler((e, _) -> wrongUsage(invocation, e));
        commands.setExecutionExceptionHandler((e, _, _) -> failed(invocation, e));
        try {
            return commands.execute(args);
        } finally {
            invocation.flush();
        }
    }

    private static CommandLine commands(Invocation invocation) {
        CommandLine root = new CommandLine(invocation)
                .addSubcommand("run", new CommandLine(new RunCommand(invocation)).setStopAtPositional(true))
                .addSubcommand("check", new CheckCommand(invocation))
                .addSubcommand("status", new StatusCommand(invocation))
                .addSubcommand("demo", new DemoCommand(invocation))
                .addSubcommand("explain", new ExplainCommand(invocation))
                .addSubcommand("tap", new TapCommand(invocation))
                .addSubcommand(group(
                                "policy",
                                "Reads rules before they are live; builds them for sidecars without a control plane.")
                        .addSubcommand("lint", new PolicyLintCommand(invocation))
                        .addSubcommand("fmt", new PolicyFmtCommand(invocation))
                        .addSubcommand("test", new PolicyTestCommand(invocation))
                        .addSubcommand("explain", new ExplainCommand(invocation))
                        .addSubcommand("diff", new PolicyDiffCommand(invocation))
                        .addSubcommand("impact", new ImpactCommand(invocation))
                        .addSubcommand("schema", new PolicySchemaCommand(invocation))
                        .addSubcommand("key", new PolicyKeyCommand(invocation))
                        .addSubcommand("build", new PolicyBuildCommand(invocation)))
                .addSubcommand("who-can", new AccessCommand.WhoCan(invocation))
                .addSubcommand("what-can", new AccessCommand.WhatCan(invocation))
                .addSubcommand("get", new GetCommand(invocation))
                .addSubcommand("apply", new ApplyCommand(invocation))
                .addSubcommand(group("certs", "Shows, rotates and revokes certificates, and drills it.")
                        .addSubcommand("list", new CertsListCommand(invocation))
                        .addSubcommand("show", new CertsShowCommand(invocation))
                        .addSubcommand("timeline", new CertsTimelineCommand(invocation))
                        .addSubcommand("revoke", new CertsRevokeCommand(invocation))
                        .addSubcommand("reinstate", new CertsReinstateCommand(invocation))
                        .addSubcommand("rotate", new CertsRotateCommand(invocation))
                        .addSubcommand(group("drill", "Does on a live mesh what nobody must notice, under traffic.")
                                .addSubcommand("rotation", new RotationDrill(invocation))
                                .addSubcommand("authority-outage", new AuthorityOutageDrill(invocation))
                                .addSubcommand("root", new RootDrill(invocation))
                                .addSubcommand("list", new DrillListCommand(invocation))))
                .addSubcommand(group("vault", "Sets up what signs, when that is a Vault.")
                        .addSubcommand("setup", new VaultSetupCommand(invocation)))
                .addSubcommand(group("ca", "Shows and rotates the authority that signs certificates.")
                        .addSubcommand("status", new CaStatusCommand(invocation), "show")
                        .addSubcommand("rotate", new CaRotateCommand(invocation))
                        .addSubcommand("continue", new CaContinueCommand(invocation), "resume")
                        .addSubcommand("abort", new CaAbortCommand(invocation)))
                .addSubcommand(group("token", "Lets sidecars join.")
                        .addSubcommand("create", new TokenCreateCommand(invocation)))
                .addSubcommand(group("audit", "Reads what is on record.")
                        .addSubcommand("tail", new AuditTailCommand(invocation))
                        .addSubcommand("search", new AuditSearchCommand(invocation))
                        .addSubcommand("show", new AuditShowCommand(invocation))
                        .addSubcommand("verify", new AuditVerifyCommand(invocation))
                        .addSubcommand("prove", new AuditProveCommand(invocation))
                        .addSubcommand("export", new AuditExportCommand(invocation))
                        .addSubcommand("status", new AuditStatusCommand(invocation))
                        .addSubcommand("findings", new AuditFindingsCommand(invocation))
                        .addSubcommand(group("keys", "Keeps, and destroys, what links a word on record to a user.")
                                .addSubcommand("list", new AuditKeysCommand.ListKeys(invocation))
                                .addSubcommand("rotate", new AuditKeysCommand.Rotate(invocation))
                                .addSubcommand("destroy", new AuditKeysCommand.Destroy(invocation))))
                .addSubcommand("witness", new WitnessCommand(invocation))
                .addSubcommand("train", new TrainCommand(invocation))
                .addSubcommand("docs", new DocsCommand(invocation))
                .addSubcommand("completion", new CompletionCommand(invocation))
                .addSubcommand(
                        "control-plane",
                        ProcessCommand.of("control-plane", "Starts a control plane; see its own --help."))
                .addSubcommand(
                        "proxy",
                        ProcessCommand.of(
                                        "proxy",
                                        "Starts a sidecar, as sallyport proxy --config FILE; with a command of these asks one that runs here.")
                                .addSubcommand("config", new ProxyConfigCommand(invocation))
                                .addSubcommand("stats", new ProxyStatsCommand(invocation))
                                .addSubcommand("certs", new ProxyCertsCommand(invocation))
                                .addSubcommand("log-level", new ProxyLogLevelCommand(invocation))
                                .addSubcommand("drain", new ProxyDrainCommand(invocation)))
                .addSubcommand(
                        "bench",
                        ProcessCommand.of(
                                "bench", "Measures a pair of sidecars, in a checkout only; see its own --help."));
        root.registerConverter(Duration.class, new Durations());
        root.setUsageHelpWidth(HELP_WIDTH);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setExpandAtFiles(false);
        describeExitCodes(root);
        return root;
    }

    /** A command that only holds others. */
    private static CommandLine group(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(description);
        return new CommandLine(spec);
    }

    private static void describeExitCodes(CommandLine command) {
        command.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(ExitCode.table());
        command.getSubcommands().values().forEach(Cli::describeExitCodes);
    }

    private static int wrongUsage(Invocation invocation, ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        invocation.fail(usageProblem(e) + "; see " + command.qualifiedName() + " --help", List.of());
        return ExitCode.USAGE.number();
    }

    private static String usageProblem(ParameterException e) {
        CommandLine command = e.getCommandLine();
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().getFirst();
            if (word.startsWith("-")) {
                return word + ": unknown option"
                        + suggestion(
                                word,
                                new TreeSet<>(
                                        command.getCommandSpec().optionsMap().keySet()));
            }
            if (!command.getSubcommands().isEmpty()) {
                return word + ": unknown command"
                        + suggestion(
                                word, new TreeSet<>(command.getSubcommands().keySet()));
            }
            return word + ": one word too many";
        }
        String message = firstLine(Optional.ofNullable(e.getMessage()).orElse("wrong usage"));
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    private static String suggestion(String word, Set<String> known) {
        return Nearest.to(word, known)
                .map(nearest -> " (did you mean " + nearest + "?)")
                .orElse(" (expected: one of " + String.join(", ", known) + ")");
    }

    /** One line of what and why, never a stack trace: what failed is the user's matter, not the program's. */
    private static int failed(Invocation invocation, Exception e) {
        switch (e) {
            case CliException known -> {
                invocation.fail(String.valueOf(known.getMessage()), known.details());
                return known.exitCode().number();
            }
            case InvalidDocumentException invalid -> {
                List<String> problems =
                        invalid.problems().stream().map(Problem::toString).toList();
                invocation.fail("documents: " + Counted.of(problems.size(), "problem") + " (expected: none)", problems);
                return ExitCode.INVALID.number();
            }
            case ParameterException usage -> {
                return wrongUsage(invocation, usage);
            }
            case IOException io -> invocation.fail(firstLine(String.valueOf(io.getMessage())), List.of());
            default ->
                invocation.fail(
                        "internal error: " + e.getClass().getSimpleName() + ": "
                                + firstLine(String.valueOf(e.getMessage())) + " (expected: none; please report it)",
                        List.of());
        }
        return ExitCode.FAILURE.number();
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
