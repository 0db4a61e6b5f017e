package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.report.Readme;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench report}: tables and plots of raw figures, in the words of a template. */
@Command(
        name = "report",
        description =
                "Makes benchmarks/README.md and benchmarks/plots/*.svg of raw figures and the template benchmarks/report.md.",
        sortOptions = false)
final class ReportCommand implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "this text")
    private boolean help;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "of the raw figures, a file a command (default: benchmarks/results)")
    private Optional<Path> results = Optional.empty();

    @Override
    public Integer call() throws IOException {
        System.setProperty("java.awt.headless", "true"); // Plots need fonts, and no display.
        Path benchmarks = RunOptions.checkout().resolve("benchmarks");
        new Readme(benchmarks, results.orElse(benchmarks.resolve("results"))).write(Bench::say);
        return 0;
    }
}
