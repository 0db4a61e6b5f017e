package dev.sallyport.benchmarks.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Every command whose figures the report is made of, one after the other. One that fails does not keep the others from running.
 *
 * @param bench with the commands
 * @param run runs one by its words; its exit code
 */
record Suite(CommandLine bench, Function<String[], Integer> run) {
    /**
     * @param file of the raw figures, without its ending
     * @param full words besides those that every command gets
     * @param quickly instead of {@code full}, with {@code --quick}; an option that the command does not have is left away
     */
    private record Step(
            String file,
            String command,
            List<String> full,
            Map<String, String> quickly,
            Duration takes,
            Duration takesQuickly) {}

    /** What is enough to see that it works. */
    private static final String FEW = "nginx,envoy-full,sallyport";

    private static final List<Step> STEPS = List.of(
            step("latency", "latency", List.of(), Map.of(), 960, 42),
            step("throughput", "throughput", List.of(), Map.of("--bytes", "1024"), 660, 16),
            new Step(
                    "throughput-2",
                    "throughput",
                    List.of("--workers", "2"),
                    Map.of(),
                    Duration.ofSeconds(120),
                    Duration.ZERO),
            step(
                    "handshake",
                    "handshake",
                    List.of(),
                    Map.of("--rounds", "1", "--seconds", "1", "--warm-up", "1", "--only", FEW),
                    360,
                    16),
            step("memory", "memory", List.of(), Map.of("--rounds", "1", "--seconds", "1", "--only", FEW), 360, 14),
            step("start", "start", List.of(), Map.of("--rounds", "1", "--seconds", "2", "--only", FEW), 300, 14),
            step(
                    "policy",
                    "policy",
                    List.of(),
                    Map.of("--rounds", "1", "--warm-up", "1", "--curves", "rules,decisions", "--only", FEW),
                    600,
                    10),
            step(
                    "audit",
                    "audit",
                    List.of(),
                    Map.of("--rounds", "1", "--seconds", "1", "--waiters", "128", "--verified", "20000"),
                    120,
                    8));

    private static Step step(
            String file, String command, List<String> full, Map<String, String> quickly, int takes, int takesQuickly) {
        return new Step(file, command, full, quickly, Duration.ofSeconds(takes), Duration.ofSeconds(takesQuickly));
    }

    /** Writes the raw figures of each into {@code results}; the names of those that failed. */
    List<String> run(boolean quick, Path results) throws IOException {
        Files.createDirectories(results);
        List<Step> steps = STEPS.stream()
                .filter(step -> bench.getSubcommands().containsKey(step.command))
                .filter(step -> !quick || !step.takesQuickly.isZero())
                .toList();
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            Duration left = steps.subList(i, steps.size()).stream()
                    .map(quick ? Step::takesQuickly : Step::takes)
                    .reduce(Duration.ZERO, Duration::plus);
            Bench.say(step.file + ", " + (i + 1) + " of " + steps.size() + "; about " + text(left) + " left");
            Path file = results.resolve(step.file + ".json");
            Files.deleteIfExists(file); // What a failed command leaves must not be an older run's.
            if (run.apply(words(step, quick, file)) != 0) {
                failed.add(step.file);
            }
        }
        return failed;
    }

    private String[] words(Step step, boolean quick, Path file) {
        CommandSpec spec = Optional.ofNullable(bench.getSubcommands().get(step.command))
                .orElseThrow()
                .getCommandSpec();
        List<String> words = new ArrayList<>(List.of(step.command, "--json", file.toString()));
        if (quick) {
            words.add("--quick");
            step.quickly.forEach((option, value) -> {
                if (spec.findOption(option) != null) {
                    words.addAll(List.of(option, value));
                }
            });
        } else {
            words.addAll(step.full);
        }
        return words.toArray(String[]::new);
    }

    private static String text(Duration left) {
        return left.toSeconds() < 120 ? left.toSeconds() + " s" : left.toMinutes() + " minutes";
    }
}
