package dev.sallyport.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class SuiteTest {
    private final List<String> called = new ArrayList<>();

    @TempDir
    private Path results;

    @Command
    private static final class Any {
        @Option(names = "--rounds")
        private int rounds;
    }

    private Suite suite(String failing) {
        CommandLine bench = new CommandLine(new Any());
        bench.addSubcommand("latency", new Any())
                .addSubcommand("throughput", new Any())
                .addSubcommand("audit", new Any());
        return new Suite(bench, words -> {
            called.add(String.join(" ", words).replace(results + "/", ""));
            return words[0].equals(failing) ? 1 : 0;
        });
    }

    @Test
    void everyCommandThatExistsWritesAFileOfItsName() throws IOException {
        assertThat(suite("").run(false, results)).isEmpty();
        assertThat(called)
                .containsExactly(
                        "latency --json latency.json",
                        "throughput --json throughput.json",
                        "throughput --json throughput-2.json --workers 2",
                        "audit --json audit.json");
    }

    @Test
    void quickRunIsShorterByOptionsThatTheCommandHas() throws IOException {
        assertThat(suite("").run(true, results)).isEmpty();
        assertThat(called)
                .containsExactly(
                        "latency --json latency.json --quick",
                        "throughput --json throughput.json --quick",
                        "audit --json audit.json --quick --rounds 1");
    }

    @Test
    void commandThatFailsIsNamedAndTheOthersRun() throws IOException {
        Files.writeString(results.resolve("throughput.json"), "of an older run");
        assertThat(suite("throughput").run(true, results)).containsExactly("throughput");
        assertThat(called).hasSize(3);
        assertThat(results.resolve("throughput.json")).doesNotExist();
    }
}
