package dev.sallyport.benchmarks.command;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that every command of the bench has: how often is measured, in which order, and where the raw figures go. */
final class RunOptions {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "this text")
    private boolean help;

    @Option(names = "--quick", description = "fewer and shorter rounds: to see that it works, not to quote")
    boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "each measures all configurations, in a new order")
    private Optional<Integer> rounds = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "of the orders (default: a new one)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "where the raw figures go (default: benchmarks/target/bench-TIME.json)")
    private Optional<Path> json = Optional.empty();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    int rounds(int full, int quickly) {
        return within("--rounds", rounds.orElse(quick ? quickly : full), 1, 1000);
    }

    /** How often a load that other programs disturbed is measured again in its round. A quick run has no time for it. */
    int repeats() {
        return quick ? 0 : 2;
    }

    long seed() {
        return seed.orElseGet(System::nanoTime);
    }

    Path json(Instant started) {
        String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
                .withZone(ZoneOffset.UTC)
                .format(started);
        return json.orElse(checkout().resolve("benchmarks/target/bench-" + time + ".json"));
    }

    int within(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw usage(option + ": " + value + " (expected: " + least + " to " + most + ")");
        }
        return value;
    }

    Duration seconds(String option, Optional<Integer> given, int full, int quickly) {
        return Duration.ofSeconds(within(option, given.orElse(quick ? quickly : full), 1, 3600));
    }

    /** Some of the {@code known}, in their order; all of them when none is given. */
    List<String> some(String option, List<String> given, List<String> known) {
        for (String name : given) {
            if (!known.contains(name)) {
                throw usage(option + ": " + name + " (expected: some of " + String.join(", ", known) + ")");
            }
        }
        return given.isEmpty() ? known : known.stream().filter(given::contains).toList();
    }

    ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The number of another's option, if it was given and the command has it. */
    Optional<Integer> given(String option) {
        return Optional.ofNullable(spec.commandLine().getParseResult().matchedOptionValue(option, (Integer) null));
    }

    /** The words of the command as it was called, but for where the figures go: that is of one machine. */
    List<String> words() {
        List<String> words = new ArrayList<>(spec.commandLine().getParseResult().originalArgs());
        int place = words.indexOf("--json");
        if (place >= 0) {
            words.subList(place, Math.min(place + 2, words.size())).clear();
        }
        words.removeIf(word -> word.startsWith("--json="));
        return List.copyOf(words);
    }

    static Path checkout() {
        return launcher().toAbsolutePath().getParent();
    }

    static Path launcher() {
        return Path.of(System.getProperty("sallyport.launcher", "sallyport"));
    }
}
